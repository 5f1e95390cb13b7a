"""The trace as an EPCIS document, to download."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import attachments
from erp.accounts import security
from erp.accounts.models import SecurityEvent
from erp.core.errors import DomainError, NotFound
from erp.ui.request import actor_of, address_of, request_id_of
from traceability.epcis import export
from traceability.epcis.models import CaptureJob
from traceability.trace import asked
from traceability.trace.export import file_name


@require_safe
def export_epcis(request: HttpRequest) -> HttpResponseBase:
    """Stream the events of a trace; the export is in the access log."""
    try:
        trace = asked.read(request.GET).trace(actor_of(request))
    except DomainError as refusal:
        context = {"refusal": refusal, "title": refusal.detail}
        return render(request, "ui/message.html", context, status=refusal.status)
    _note(request, "trace-epcis", request.META.get("QUERY_STRING", "")[:500])
    response = StreamingHttpResponse(export.document(trace), content_type="application/ld+json")
    name = file_name(trace, "epcis.json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def captured_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the document of a capture, byte for byte as it was sent."""
    job = CaptureJob.objects.visible_to(actor_of(request)).filter(pk=pk).first()
    if job is None:
        raise NotFound(what=CaptureJob._meta.verbose_name)
    _note(request, "captured-document", job.number)
    raw = attachments.require(job.sha256).read_bytes()
    response = HttpResponse(raw, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{job.number}.json"'
    return response


def _note(request: HttpRequest, code: str, what: str) -> None:
    actor = actor_of(request)
    security.note(
        SecurityEvent.Kind.EXPORTED,
        username=actor.username,
        user_id=actor.user_id,
        code=code,
        channel="web",
        address=address_of(request),
        request_id=request_id_of(request),
        detail={"what": what},
    )
