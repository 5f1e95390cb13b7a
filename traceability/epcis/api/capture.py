"""The capture interface: documents, and single events."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import ContentFile
from rest_framework.request import Request
from rest_framework.response import Response

from erp.core.context import Channel
from erp.ui.request import context_of
from traceability.epcis import answers, query
from traceability.epcis.api import pages
from traceability.epcis.api.base import ExchangeView, body_of, format_of, reader
from traceability.epcis.errors import NoSuchResource, NotAcceptable
from traceability.epcis.models import CaptureJob, EpcisEvent
from traceability.epcis.operations.capturing import capture_document, capture_event
from traceability.epcis.states import CaptureState

BEHAVIOUR = "GS1-Capture-Error-Behaviour"


def job_json(job: CaptureJob) -> dict[str, Any]:
    """Return a capture as the standard describes it, and beside it what we count."""
    running = job.state == CaptureState.WAITING
    body = {
        "captureID": job.number,
        "createdAt": job.created_at.isoformat(),
        "running": running,
        "success": not job.faulty and job.state != CaptureState.REJECTED,
        "captureErrorBehaviour": job.behaviour,
        "errors": job.errors,
        "proofline:received": job.received,
        "proofline:captured": job.captured,
        "proofline:repeated": job.repeated,
        "proofline:faulty": job.faulty,
    }
    return body if running else {**body, "finishedAt": job.finished_at.isoformat()}  # type: ignore[union-attr]


def _values(request: Request, raw: bytes) -> dict[str, Any]:
    """Return what an operation is called with. The name of the file is the hash of its content, so
    that an idempotency key never stands for another document.
    """
    behaviour = request.headers.get(BEHAVIOUR, "").strip() or CaptureJob.Behaviour.ROLLBACK
    if behaviour not in CaptureJob.Behaviour.values:
        known = ", ".join(CaptureJob.Behaviour.values)
        raise NotAcceptable(name=BEHAVIOUR, value=behaviour[:60], known=known)
    values: dict[str, Any] = {
        "file": ContentFile(raw, name=f"{hashlib.sha256(raw).hexdigest()}.json"),
        "behaviour": behaviour,
    }
    for header, name in (("Proofline-Partner", "partner_id"), ("Proofline-Site", "site_id")):
        if request.headers.get(header):
            values[name] = request.headers[header]
    return values


def _context(request: Request) -> Any:
    key = request.headers.get("Idempotency-Key")
    return context_of(request, Channel.API, idempotency_key=key)


class Capture(ExchangeView):
    """``/capture``: documents in, and what became of them."""

    discovery: ClassVar[dict[str, str]] = {
        "GS1-EPCIS-Capture-Limit": str(settings.EPCIS_MAX_EVENTS),
        "GS1-EPCIS-Capture-File-Size-Limit": str(settings.EPCIS_MAX_BYTES),
        BEHAVIOUR: "all",
    }

    def post(self, request: Request) -> Response:
        """Take a document; it is carried out in the background."""
        raw = body_of(request)
        job = capture_document(_context(request), **_values(request, raw))
        response = Response(status=202)
        response["Location"] = request.build_absolute_uri(f"{request.path}/{job.number}")
        response[BEHAVIOUR] = job.behaviour
        return response

    def get(self, request: Request) -> Response:
        """List captures, newest first."""
        return pages.rows(request, CaptureJob.objects.visible_to(reader(request)), job_json)


class CaptureOne(ExchangeView):
    """``/capture/{captureID}``."""

    def get(self, request: Request, capture_id: str) -> Response:
        """Return how far a capture is, with the errors of its events."""
        number = capture_id.removeprefix("CAP-")
        rows = CaptureJob.objects.visible_to(reader(request))
        whole = number.isascii() and number.isdecimal() and len(number) <= 18  # noqa: PLR2004
        job = rows.filter(pk=int(number)).first() if whole else None
        if job is None:
            raise NoSuchResource(what="captureID", name=capture_id[:100])
        return Response(job_json(job))


class Events(ExchangeView):
    """``/events``: the query interface, and capture of one event."""

    discovery: ClassVar[dict[str, str]] = {
        "GS1-EPCIS-Capture-Limit": "1",
        "GS1-EPCIS-Capture-File-Size-Limit": str(settings.EPCIS_MAX_BYTES),
    }

    def get(self, request: Request) -> Response:
        """Return the events that match all parameters."""
        return pages.events(request, query.from_address(request.query_params))

    def post(self, request: Request) -> Response:
        """Record one event at once."""
        event = capture_event(_context(request), **_values(request, body_of(request)))
        response = Response(status=201)
        address = f"{request.path}/{quote(event.event_id, safe='')}"
        response["Location"] = request.build_absolute_uri(address)
        return response


class EventOne(ExchangeView):
    """``/events/{eventID}``: an event, and the declaration that it was wrong if there is one."""

    def get(self, request: Request, event_id: str) -> Response:
        """Return the events with this id."""
        version = request.query_params.get("ver")
        if version and "?" not in event_id:
            # The id of an event is a URI with a query part, and not everybody escapes it.
            event_id = f"{event_id}?ver={version}"
        rows = EpcisEvent.objects.visible_to(reader(request)).filter(event_id=event_id)
        found = list(rows.order_by("pk"))
        if not found:
            raise NoSuchResource(what="eventID", name=event_id[:200])
        name, form = pages.STANDARD_QUERY, format_of(request)
        return Response(answers.query_document(found, name=name, epc_format=form))
