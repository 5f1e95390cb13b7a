"""The trace page, its drawing, its exports."""

from __future__ import annotations

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from erp.accounts import security
from erp.accounts.models import SecurityEvent
from erp.core.errors import DomainError
from erp.ui.request import actor_of, address_of, request_id_of
from traceability.origins import ORIGINS
from traceability.trace import Direction, asked, export
from traceability.trace.graph import draw
from traceability.trace.query import Trace
from traceability.trace.report import trace_report
from traceability.trace.workbook import trace_workbook
from traceability.web.choices import directions
from traceability.web.page import build, facts_of

FIELDS = ("since", "until", "as_known", "depth")
MAX_OPENED = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def explorer(request: HttpRequest) -> HttpResponse:
    """Show the answer to the question in the address; without one, how to ask."""
    actor = actor_of(request)
    typed = asked.text(request.GET, "q")
    if typed:
        return _typed(request, typed)
    if not any(token.strip() for token in request.GET.getlist("start")):
        return render(request, "traceability/trace.html", _form(request))
    try:
        question = asked.read(request.GET)
        page = build(question.trace(actor), request.GET)
    except DomainError as refusal:
        context = {**_form(request), "refusal": refusal}
        return render(request, "traceability/trace.html", context, status=refusal.status)
    return render(request, "traceability/trace.html", {**_form(request), "page": page})


def _form(request: HttpRequest) -> dict[str, object]:
    present = next(
        (d.value for d in Direction if d.value == request.GET.get("direction")), "forward"
    )
    return {
        "directions": directions(Direction(present)),
        "tokens": request.GET.getlist("start"),
        "via": request.GET.getlist("via"),
        "asked": {name: request.GET.get(name, "") for name in FIELDS},
        "detailed": any(request.GET.get(name) for name in FIELDS),
        "origins": [(code, origin.label) for code, origin in ORIGINS.items()],
    }


def _typed(request: HttpRequest, typed: str) -> HttpResponse:
    """Turn what was typed or scanned into a question; where it may mean several, offer them."""
    code, _, value = typed.partition(":")
    known = code in ORIGINS and value
    found = [] if known else asked.guesses(actor_of(request), typed)
    tokens = [typed] if known else [guess.token for guess in found]
    if len(tokens) == 1:
        return redirect(request.path + asked.address(request.GET, q=None, start=tokens[0]))
    choices = [(g, asked.address(request.GET, q=None, start=g.token)) for g in found]
    context = {**_form(request), "typed": typed, "choices": choices}
    return render(request, "traceability/trace.html", context, status=200 if found else 404)


@require_safe
def drawing(request: HttpRequest) -> JsonResponse:
    """Return the drawing with some groups opened."""
    trace = asked.read(request.GET).trace(actor_of(request))
    opened = request.GET.getlist("open")[:MAX_OPENED]
    return JsonResponse(draw(trace, opened=opened, sections=facts_of(trace, request.GET)).as_json())


@require_safe
def export_csv(request: HttpRequest) -> HttpResponseBase:
    """Return the lots, or with ``part=links`` the links, as CSV."""
    trace = asked.read(request.GET).trace(actor_of(request))
    links = request.GET.get("part") == "links"
    rows = export.links_csv(trace) if links else export.nodes_csv(trace)
    name = export.file_name(trace, "links.csv" if links else "csv")
    return _file(
        request, trace, StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8"), name
    )


@require_safe
def export_json(request: HttpRequest) -> HttpResponseBase:
    """Return everything as JSON."""
    trace = asked.read(request.GET).trace(actor_of(request))
    response = StreamingHttpResponse(export.answer_json(trace), content_type="application/json")
    return _file(request, trace, response, export.file_name(trace, "json"))


@require_safe
def export_xlsx(request: HttpRequest) -> HttpResponseBase:
    """Return everything as a workbook."""
    trace = asked.read(request.GET).trace(actor_of(request))
    response = FileResponse(trace_workbook(trace), content_type=XLSX)
    return _file(request, trace, response, export.file_name(trace, "xlsx"))


@require_safe
def export_pdf(request: HttpRequest) -> HttpResponseBase:
    """Return the answer as a report to print and file."""
    trace = asked.read(request.GET).trace(actor_of(request))
    response = HttpResponse(trace_report(trace), content_type="application/pdf")
    return _file(request, trace, response, export.file_name(trace, "pdf"))


def _file(
    request: HttpRequest, trace: Trace, response: HttpResponseBase, name: str
) -> HttpResponseBase:
    actor = actor_of(request)
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
