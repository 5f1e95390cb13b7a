"""The files of an answer, and how they are sent: as downloads, each written into the access log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse

from erp.accounts import security
from erp.accounts.models import SecurityEvent
from erp.ui.request import actor_of, address_of, request_id_of
from traceability.trace import export
from traceability.trace.query import Trace
from traceability.trace.report import trace_report
from traceability.trace.workbook import trace_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

FILES: Mapping[str, Callable[[Trace], HttpResponseBase]] = {
    "csv": lambda trace: StreamingHttpResponse(export.nodes_csv(trace), content_type=CSV),
    "links.csv": lambda trace: StreamingHttpResponse(export.links_csv(trace), content_type=CSV),
    "json": lambda trace: StreamingHttpResponse(
        export.answer_json(trace), content_type="application/json"
    ),
    "xlsx": lambda trace: FileResponse(trace_workbook(trace), content_type=XLSX),
    "pdf": lambda trace: HttpResponse(trace_report(trace), content_type="application/pdf"),
}
"""What makes each kind of file, by its ending."""


def send(request: Any, trace: Trace, response: HttpResponseBase, kind: str) -> HttpResponseBase:
    """Give a file its name, say in a header whether it is complete, and note who took it."""
    actor = actor_of(request)
    name = export.file_name(trace, kind)
    security.note(
        SecurityEvent.Kind.EXPORTED,
        username=actor.username,
        user_id=actor.user_id,
        address=address_of(request),
        channel="api" if request.path.startswith("/api/") else "web",
        request_id=request_id_of(request),
        detail={
            "noun": "trace",
            "start": [r.token for r in trace.start.records][:20],
            "file": name,
        },
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Trace-Complete"] = "true" if trace.complete else "false"
    return response
