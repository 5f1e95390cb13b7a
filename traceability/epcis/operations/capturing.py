"""Capturing what partners send: take a document, carry it out, link what was not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from audit import attachments
from erp.accounts.models import Site, User
from erp.accounts.queries import actor_for, sites_visible_to
from erp.core import clock, outbox
from erp.core.actor import Actor
from erp.core.context import Context
from erp.core.errors import Blocker, Busy, NotPermitted
from erp.operations import operation
from traceability.epcis import document, inputs, linking, locking
from traceability.epcis.errors import DocumentTooLarge, NotLinkable, TooManyEvents
from traceability.epcis.models import CaptureJob, EpcisEvent
from traceability.epcis.states import CAPTURE, CaptureState
from traceability.epcis.steps import capturing, writing

TOPIC = "epcis.capture"
CODE = "traceability.capture_document"


def _anywhere(_subject: Any, values: Mapping[str, Any]) -> int | None:
    site_id: int | None = values.get("site_id")
    return site_id


@operation(
    CODE,
    title=_("Capture events"),
    sentence=_(
        "The document is kept as it is; its events are checked and recorded in the background."
    ),
    noun="captures",
    verb="receive",
    creates="traceability.CaptureJob",
    input=inputs.CaptureFile,
    site_of=_anywhere,
    primary=True,
    machine=True,
)
def capture_document(
    ctx: Context,
    *,
    file: Any,
    behaviour: str,
    partner_id: int | None = None,
    site_id: int | None = None,
) -> CaptureJob:
    """Take a document of events from a partner; what is no such document is refused at once."""
    raw = _read(file)
    read = document.read(raw)
    if read.count > settings.EPCIS_MAX_EVENTS:
        raise TooManyEvents(count=read.count, limit=settings.EPCIS_MAX_EVENTS)
    job = _open_job(ctx, raw, read.count, partner_id, site_id)
    job.behaviour = behaviour
    job.sender = read.sender[:300]
    job.save()
    outbox.put(ctx, TOPIC, str(job.pk), {"job": job.pk})
    return job


@operation(
    "traceability.capture_event",
    title=_("Capture one event"),
    sentence=_("The event is checked and recorded at once."),
    noun="captures",
    verb="receive-one",
    input=inputs.CaptureFile,
    site_of=_anywhere,
    machine=True,
    hidden=True,
)
def capture_event(
    ctx: Context,
    *,
    file: Any,
    behaviour: str,
    partner_id: int | None = None,
    site_id: int | None = None,
) -> EpcisEvent:
    """Record one event, or refuse it with everything that is wrong with it."""
    raw = _read(file)
    event = document.read_object(raw)
    job = _open_job(ctx, raw, 1, partner_id, site_id)
    job.save()
    try:
        return capturing.capture_one(ctx, event, job)
    except IntegrityError as error:
        # Its twin is being recorded by another call: asked again, this one finds it.
        raise Busy from error


@operation(
    "traceability.capture_events",
    title=_("Carry out capture"),
    sentence=_("The events of a received document are recorded."),
    noun="captures",
    verb="carry-out",
    subject="traceability.CaptureJob",
    subject_arg="job_id",
    states=CAPTURE,
    step="capture",
    machine=True,
    hidden=True,
)
def capture_events(ctx: Context, *, job_id: int) -> CaptureJob:
    """Record the events of a received document, each once."""
    job = locking.lock_job(ctx, job_id)
    CAPTURE.next(CaptureState(job.state), "capture")
    return capturing.capture(ctx, job)


@operation(
    "traceability.fail_capture",
    title=_("Give up capture"),
    sentence=_("The document could not be carried out; the capture says why."),
    noun="captures",
    verb="fail",
    subject="traceability.CaptureJob",
    subject_arg="job_id",
    input=inputs.FailCapture,
    states=CAPTURE,
    step="reject",
    machine=True,
    hidden=True,
)
def fail_capture(ctx: Context, *, job_id: int, error: str) -> CaptureJob:
    """Mark a capture as rejected."""
    job = locking.lock_job(ctx, job_id)
    job.state = CAPTURE.next(CaptureState(job.state), "reject")
    title = str(_("The document could not be carried out."))
    job.errors = [
        {"type": "epcisException:ImplementationException", "title": title, "detail": error}
    ]
    job.faulty = job.received
    job.finished_at = ctx.at or clock.now()
    job.save(update_fields=["state", "errors", "faulty", "finished_at"])
    return job


def what_is_missing(event: EpcisEvent, actor: Actor) -> Sequence[Blocker]:
    """Return why an event cannot be linked now; nothing for those that need no link."""
    if event.job is None:
        return [Blocker("epcis.event_is_ours", _("The event is ours."))]
    if hasattr(event, "link"):
        return [Blocker("epcis.linked", _("The event is linked."))]
    parsed = writing.reread([event])
    known = linking.resolve(parsed, actor_for(event.job.captured_by), event.job)
    if not any(t.tracked for t in parsed[0].things):
        return [Blocker("epcis.names_no_lot", _("The event names neither lot nor unit."))]
    return linking.missing(parsed[0], known)


@operation(
    "traceability.link_event",
    title=_("Link to lots"),
    sentence=_("The lots that the event names become known, and it becomes part of their trace."),
    noun="epcis-events",
    verb="link",
    subject="traceability.EpcisEvent",
    subject_arg="event_id",
    applies=lambda event: event.job_id is not None and not hasattr(event, "link"),
    blockers=what_is_missing,
    primary=True,
    machine=True,
)
def link_event(ctx: Context, *, event_id: int) -> EpcisEvent:
    """Link an event whose items were unknown when it came; it is linked once."""
    event = EpcisEvent.objects.get(pk=event_id)
    if event.job_id is not None:
        # Events are written once and cannot be locked; all of one document wait in line.
        event.job = locking.lock_job(ctx, event.job_id)
    blockers = what_is_missing(event, ctx.actor)
    if blockers or event.job is None:
        raise NotLinkable(blockers=blockers)
    if not writing.link(ctx, writing.reread([event]), event.job):
        waits = _("The other side of this transformation has not been told yet.")
        raise NotLinkable(blockers=[Blocker("epcis.transformation_in_part", waits)])
    return event


def _read(file: Any) -> bytes:
    if file.size > settings.EPCIS_MAX_BYTES:
        raise DocumentTooLarge(limit=settings.EPCIS_MAX_BYTES)
    raw: bytes = file.read()
    return raw


def _open_job(
    ctx: Context, raw: bytes, count: int, partner_id: int | None, site_id: int | None
) -> CaptureJob:
    stored = attachments.store([raw])
    return CaptureJob(
        site=_site(ctx, site_id),
        partner_id=partner_id,
        captured_by_id=ctx.actor.user_id,
        sha256=stored.sha256,
        size=stored.size,
        received=count,
        created_at=ctx.at or clock.now(),
    )


def _site(ctx: Context, site_id: int | None) -> Site:
    """Return the site that events belong to: the one named, the account's own, else its first."""
    sites = [s for s in sites_visible_to(ctx.actor).order_by("code") if ctx.actor.may(CODE, s.pk)
             or ctx.actor.may("traceability.capture_event", s.pk)]  # fmt: skip
    wanted = site_id or _home(ctx)
    chosen = next(
        (s for s in sites if s.pk == wanted), None if site_id else next(iter(sites), None)
    )
    if chosen is None:
        raise NotPermitted(operation=_("Capture events"))
    return chosen


def _home(ctx: Context) -> int | None:
    return User.objects.filter(pk=ctx.actor.user_id).values_list("home_site_id", flat=True).first()
