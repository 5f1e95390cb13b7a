"""The files of data sheets for browsers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from traceability.datasheets.files import sheet_response


@require_safe
def export(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """Send a data sheet as JSON, CSV or XLSX."""
    return sheet_response(request, pk, form)
