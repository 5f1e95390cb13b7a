"""Sending a data sheet as a file, written down in the access log as every export is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpResponse

from erp.accounts import security
from erp.accounts.models import SecurityEvent
from erp.ui.records import of_model
from erp.ui.request import actor_of, address_of, request_id_of
from erp.ui.web.workbook import workbook
from traceability.datasheets.export import as_csv, as_json, as_table
from traceability.datasheets.models import DataSheet

JSON = "application/json"
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _json(sheet: DataSheet) -> str:
    return json.dumps(as_json(sheet), ensure_ascii=False, indent=2)


def _xlsx(sheet: DataSheet) -> bytes:
    return workbook(f"{sheet.registry} {sheet.identifier.di}", as_table(sheet))


FORMS: Mapping[str, tuple[str, Callable[[DataSheet], str | bytes]]] = {
    "json": (JSON, _json),
    "csv": (CSV, as_csv),
    "xlsx": (XLSX, _xlsx),
}


def sheet_response(request: Any, pk: int, form: str) -> HttpResponse:
    """Return a sheet the caller may see in one of the forms, or raise ``NotFound``."""
    if form not in FORMS:
        raise Http404
    kind = of_model("traceability.DataSheet")
    if kind is None:
        raise Http404
    sheet: DataSheet = kind.find(actor_of(request), pk)
    media_type, make = FORMS[form]
    name = f"{sheet.registry}-{sheet.identifier.di}-v{sheet.version}.{form}"
    _note(request, name)
    response = HttpResponse(make(sheet), content_type=media_type)
    safe = "".join(c if c.isalnum() or c in "-._" else "-" for c in name)
    response["Content-Disposition"] = f'attachment; filename="{safe}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _note(request: Any, name: str) -> None:
    actor = actor_of(request)
    channel = "api" if request.path.startswith("/api/") else "web"
    security.note(
        SecurityEvent.Kind.EXPORTED,
        username=actor.username,
        user_id=actor.user_id,
        channel=channel,
        address=address_of(request),
        request_id=request_id_of(request),
        detail={"noun": "data-sheets", "file": name},
    )
