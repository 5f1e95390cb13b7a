"""Pages and API forms of exchanged events, captures, event queries and subscriptions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.accounts.queries import site_or_own_filter
from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register, url_of
from traceability.epcis import linking, names
from traceability.epcis.identifiers import comparable
from traceability.epcis.models import (
    CaptureJob,
    EpcisEvent,
    EpcisLink,
    EpcisThing,
    EventQuery,
    EventSubscription,
)
from traceability.epcis.operations.capturing import what_is_missing
from traceability.epcis.states import CAPTURE, SUBSCRIPTION, CaptureState, SubscriptionState
from traceability.epcis.steps.writing import reread
from traceability.words import step_words

NOUN = "epcis-events"
LINKED, UNLINKED, OURS, DECLARED, NAMELESS = "linked", "unlinked", "ours", "declared", "nameless"
STATES = {
    OURS: (_("ours"), "info"),
    LINKED: (_("linked"), "good"),
    UNLINKED: (_("not linked"), "waiting"),
    DECLARED: (_("declares an error"), "bad"),
    NAMELESS: (_("names no lot"), "draft"),
}


def _visible(actor: Actor) -> QuerySet[EpcisEvent]:
    tracked = EpcisThing.objects.filter(event=OuterRef("pk"), tracked=True)
    linked = EpcisLink.objects.filter(event=OuterRef("pk"))
    return (
        EpcisEvent.objects.visible_to(actor)
        .select_related("site", "job__partner", "job__captured_by", "job__site", "link")
        .annotate(names_lots=Exists(tracked), is_linked=Exists(linked))
    )


def state_of(event: Any) -> str:
    """Return whose an event is, and whether it is part of the trace."""
    if event.job_id is None:
        return OURS
    if event.declares_error:
        return DECLARED
    if event.is_linked:
        return LINKED
    return UNLINKED if event.names_lots else NAMELESS


def _pill(event: Any) -> Pill:
    return Pill(*STATES[state_of(event)])


def _only(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == OURS:
        return rows.filter(job__isnull=True)
    theirs = rows.filter(job__isnull=False)
    if value == DECLARED:
        return theirs.filter(declares_error=True)
    theirs = theirs.filter(declares_error=False)
    if value == LINKED:
        return theirs.filter(is_linked=True)
    return theirs.filter(is_linked=False, names_lots=value == UNLINKED)


def _step(event: EpcisEvent) -> Any:
    return step_words(names.own_word("bizStep", event.biz_step)) if event.biz_step else None


def _origin(event: EpcisEvent) -> Any:
    job = event.job
    if job is None:
        return _("ours")
    return job.partner.name if job.partner else job.captured_by.name


def _facts(view: View) -> Sequence[Fact]:
    event: EpcisEvent = view.record
    job = event.job
    link = getattr(event, "link", None)
    trace = (
        Link(f"#{link.trace_event_id}", f"/trace-events/{link.trace_event_id}/") if link else None
    )
    return [
        Fact(_("Event id"), Link(event.event_id, mono=True)),
        Fact(_("Event hash"), Link(event.event_hash, mono=True)),
        Fact(_("Rules of the hash"), event.hash_version),
        Fact(_("Type"), " ".join(part for part in (event.event_type, event.action) if part)),
        Fact(_("Happened"), Moment(event.event_time)),
        Fact(_("Recorded"), Moment(event.record_time)),
        Fact(_("Step"), _step(event)),
        Fact(_("Disposition"), event.disposition or None),
        Fact(_("Read point"), Link(event.read_point, mono=True) if event.read_point else None),
        Fact(_("Origin"), _origin(event)),
        Fact(_("Capture"), Link(job.number, url_of(job)) if job else "–"),
        Fact(_("Trace event"), trace),
        Fact(_("Site"), event.site.code),
    ]


def _missing(view: View) -> Section | None:
    """Say why an event is not part of the trace, and what to do."""
    event: Any = view.record
    if state_of(event) != UNLINKED:
        return None
    rows = [Row([str(b.sentence)]) for b in what_is_missing(event, view.actor)]
    note = _now("Register the items with their device identifiers, then link the event.")
    table = Table([Column("reason", _("Reason"))], rows, _now("Nothing is missing any more."))
    return Section("missing", _("Not linked because"), table=table, note=note)


def _things(view: View) -> Section:
    event: EpcisEvent = view.record
    rows = event.things.order_by("pk")
    shown = view.first(rows)
    parsed = reread([event])
    job = event.job or CaptureJob(site=event.site)
    known = linking.resolve(parsed, view.actor, job)
    lots = {}
    for thing in parsed[0].things:
        lot = linking.lot_of(thing, parsed[0], known)
        if lot is not None:
            lots[comparable(thing.uri)] = lot
    table = Table(
        [
            Column("role", _("Role")),
            Column("uri", _("Identifier"), "mono"),
            Column("quantity", _("Quantity"), "number"),
            Column("lot", _("Lot or unit"), "mono"),
        ],
        [Row(_thing(thing, lots.get(thing.uri))) for thing in shown],
    )
    return Section("things", _("What it names"), table=table, count=rows.count())


def _thing(thing: EpcisThing, lot: Any) -> list[Any]:
    quantity = Number(plain(thing.quantity), thing.uom) if thing.quantity is not None else None
    return [
        thing.get_role_display(),
        Link(thing.uri, mono=True),
        quantity,
        Link(lot.number, url_of(lot), mono=True) if lot else None,
    ]


def _references(view: View) -> Section | None:
    rows = view.record.references.order_by("pk")
    if not rows:
        return None
    columns = [
        Column("kind", _("Kind")),
        Column("type", _("Type")),
        Column("uri", _("What"), "mono"),
    ]
    cells = [
        Row([r.get_kind_display(), r.type or "–", Link(r.uri, mono=True)]) for r in view.first(rows)
    ]
    return Section(
        "references", _("What else it says"), table=Table(columns, cells), count=len(rows)
    )


def _document(view: View) -> Section:
    event: EpcisEvent = view.record
    own = {"@context": event.context} if event.context else {}
    text = json.dumps({**own, **event.document}, indent=2, ensure_ascii=False)
    return Section(
        "document",
        _("The event as it was told"),
        template="traceability/_epcis_document.html",
        context={"text": text},
    )


def _event_api(event: Any) -> dict[str, Any]:
    link = getattr(event, "link", None)
    return {
        "event_id": event.event_id,
        "event_hash": event.event_hash,
        "hash_version": event.hash_version,
        "type": event.event_type,
        "action": event.action,
        "event_time": event.event_time.isoformat(),
        "zone_offset": event.zone_offset,
        "record_time": event.record_time.isoformat(),
        "biz_step": event.biz_step,
        "disposition": event.disposition,
        "ours": event.job_id is None,
        "declares_error": event.declares_error,
        "capture_id": event.job_id,
        "trace_event_id": link.trace_event_id if link else None,
        "context": event.context,
        "document": event.document,
    }


register(
    RecordKind(
        model="traceability.EpcisEvent",
        noun=NOUN,
        nav="exchange",
        icon="timeline",
        label=_("exchanged event"),
        plural=_("Exchanged events"),
        rows=_visible,
        number=lambda e: f"EV-{e.pk}",
        title=lambda e: _step(e) or e.event_type,
        state=_pill,
        columns=[
            ColumnSpec("state", _("State"), _pill, "state"),
            ColumnSpec("number", _("Number"), lambda e: Link(f"EV-{e.pk}", url_of(e)), "mono"),
            ColumnSpec("at", _("Happened"), lambda e: Moment(e.event_time), "moment", "event_time"),
            ColumnSpec("step", _("Step"), _step),
            ColumnSpec("type", _("Type"), lambda e: e.event_type),
            ColumnSpec("origin", _("Origin"), _origin),
            ColumnSpec(
                "recorded", _("Recorded"), lambda e: Moment(e.record_time), "moment", "record_time"
            ),
            ColumnSpec("site", _("Site"), lambda e: e.site.code),
        ],
        facts=_facts,
        sections=[_missing, _things, _references, _document],
        search=("event_id", "event_hash", "biz_step"),
        filters=[
            FilterSpec(
                "state",
                _("State"),
                lambda a: [(k, w) for k, (w, _t) in STATES.items()],
                apply=_only,
            )
        ],
        api=_event_api,
        empty=_("Events stand here as soon as we did something, or a partner told us something."),
    )
)


def _capture_pill(job: CaptureJob) -> Pill:
    state = CaptureState(job.state)
    return Pill(CAPTURE.labels[state], CAPTURE.tones[state])


def _capture_facts(view: View) -> Sequence[Fact]:
    job: CaptureJob = view.record
    return [
        Fact(_("Partner"), job.partner.name if job.partner else None),
        Fact(_("Captured by"), job.captured_by.name),
        Fact(_("Sender"), Link(job.sender, mono=True) if job.sender else None),
        Fact(_("In case of errors"), job.get_behaviour_display()),
        Fact(_("Received"), Moment(job.created_at)),
        Fact(_("Finished"), Moment(job.finished_at) if job.finished_at else None),
        Fact(_("Events received"), Number(str(job.received))),
        Fact(_("Events captured"), Number(str(job.captured))),
        Fact(_("Events known before"), Number(str(job.repeated))),
        Fact(_("Events with errors"), Number(str(job.faulty))),
        Fact(_("Document"), Link(_now("Open"), f"/captures/{job.pk}/document.json")),
        Fact(_("SHA-256"), Link(job.sha256, mono=True)),
        Fact(_("Site"), job.site.code),
    ]


def _errors(view: View) -> Section | None:
    job: CaptureJob = view.record
    if not job.errors:
        return None
    columns = [
        Column("index", _("Event"), "number"),
        Column("type", _("Kind")),
        Column("reason", _("Reason")),
    ]
    rows = [Row([str(e.get("index", "–")), e.get("type", ""), _error_text(e)]) for e in job.errors]
    shown = rows if view.full else rows[:50]
    note = ""
    if len(shown) < job.faulty:
        note = _now("The first %(shown)s of %(count)s events with errors.") % {
            "shown": len(shown),
            "count": job.faulty,
        }
    return Section("errors", _("Errors"), table=Table(columns, shown), count=job.faulty, note=note)


def _error_text(error: dict[str, Any]) -> str:
    faults = [f"{f['path']}: {f['reason']}".lstrip(": ") for f in error.get("faults", ())]
    return "; ".join(faults) or str(error.get("detail") or error.get("title", ""))


def _captured_events(view: View) -> Section:
    rows = _visible(view.actor).filter(job=view.record).order_by("pk")
    table = Table(
        [
            Column("state", _("State"), "state"),
            Column("number", _("Number"), "mono"),
            Column("step", _("Step")),
            Column("at", _("Happened"), "moment"),
        ],
        [
            Row(
                [_pill(e), Link(f"EV-{e.pk}", url_of(e), mono=True), _step(e), Moment(e.event_time)]
            )
            for e in view.first(rows)
        ],
        _now("No event of this document was recorded."),
    )
    return Section("events", _("Events"), table=table, count=rows.count())


register(
    RecordKind(
        model="traceability.CaptureJob",
        noun="captures",
        nav="exchange",
        icon="package-import",
        label=_("capture"),
        plural=_("Captures"),
        rows=lambda actor: CaptureJob.objects.visible_to(actor).select_related(
            "site", "partner", "captured_by"
        ),
        title=lambda j: j.partner.name if j.partner else j.captured_by.name,
        state=_capture_pill,
        columns=[
            ColumnSpec("state", _("State"), _capture_pill, "state"),
            ColumnSpec("number", _("Number"), lambda j: Link(j.number, url_of(j)), "mono"),
            ColumnSpec("by", _("Captured by"), lambda j: j.captured_by.name),
            ColumnSpec("partner", _("Partner"), lambda j: j.partner.name if j.partner else None),
            ColumnSpec(
                "received", _("Events received"), lambda j: Number(str(j.received)), "number"
            ),
            ColumnSpec(
                "captured", _("Events captured"), lambda j: Number(str(j.captured)), "number"
            ),
            ColumnSpec(
                "faulty", _("Events with errors"), lambda j: Number(str(j.faulty)), "number"
            ),
            ColumnSpec("at", _("Received"), lambda j: Moment(j.created_at), "moment", "created_at"),
            ColumnSpec("site", _("Site"), lambda j: j.site.code),
        ],
        facts=_capture_facts,
        sections=[_errors, _captured_events],
        search=("sender", "sha256", "captured_by__name"),
        filters=[FilterSpec("state", _("State"), lambda a: CAPTURE.choices(), "state")],
        api=lambda j: {
            "number": j.number,
            "state": j.state,
            "behaviour": j.behaviour,
            "sender": j.sender,
            "sha256": j.sha256,
            "received": j.received,
            "captured": j.captured,
            "repeated": j.repeated,
            "faulty": j.faulty,
            "errors": j.errors,
            "created_at": j.created_at.isoformat(),
            "finished_at": j.finished_at.isoformat() if j.finished_at else None,
        },
        empty=_("Documents that partners send stand here, with what became of their events."),
    )
)


def _query_text(view: View) -> Section:
    text = json.dumps(view.record.query, indent=2, ensure_ascii=False)
    return Section(
        "query", _("Query"), template="traceability/_epcis_document.html", context={"text": text}
    )


def _query_pill(found: EventQuery) -> Pill:
    return Pill(_("removed"), "draft") if found.removed_at else Pill(_("in use"), "good")


register(
    RecordKind(
        model="traceability.EventQuery",
        noun="event-queries",
        nav="exchange",
        icon="zoom-check",
        label=_("event query"),
        plural=_("Event queries"),
        rows=lambda actor: EventQuery.objects.select_related("defined_by"),
        number=lambda q: q.name,
        state=_query_pill,
        columns=[
            ColumnSpec("state", _("State"), _query_pill, "state"),
            ColumnSpec(
                "name", _("Name"), lambda q: Link(q.name, url_of(q), mono=True), "mono", "name"
            ),
            ColumnSpec("by", _("Defined by"), lambda q: q.defined_by.name),
            ColumnSpec("at", _("Defined"), lambda q: Moment(q.created_at), "moment", "created_at"),
        ],
        facts=lambda view: [
            Fact(_("Defined by"), view.record.defined_by.name),
            Fact(_("Defined"), Moment(view.record.created_at)),
            Fact(_("Events now"), Link(_now("Open"), f"/epcis/queries/{view.record.name}/events")),
        ],
        sections=[_query_text],
        search=("name",),
        api=lambda q: {
            "name": q.name,
            "query": q.query,
            "removed_at": q.removed_at.isoformat() if q.removed_at else None,
        },
        empty=_("Queries that partners ask again and subscribe to stand here."),
    )
)


def _subscription_pill(found: EventSubscription) -> Pill:
    state = SubscriptionState(found.state)
    return Pill(SUBSCRIPTION.labels[state], SUBSCRIPTION.tones[state])


def _when(found: EventSubscription) -> str:
    if found.stream:
        return _now("at once")
    return ", ".join(f"{part} {value}" for part, value in found.schedule.items())


def _deliveries(view: View) -> Section:
    rows = view.record.deliveries.order_by("-at", "-pk")
    table = Table(
        [
            Column("at", _("When"), "moment"),
            Column("told", _("Told"), "state"),
            Column("events", _("Events"), "number"),
            Column("status", _("Answer"), "number"),
            Column("error", _("Error")),
        ],
        [
            Row(
                [
                    Moment(d.at),
                    Pill(_("yes"), "good") if d.delivered else Pill(_("no"), "bad"),
                    Number(str(d.count)),
                    str(d.status or "–"),
                    d.error or "–",
                ]
            )
            for d in view.first(rows)
        ],
        _now("Nothing was sent yet."),
    )
    return Section("deliveries", _("Deliveries"), table=table, count=rows.count())


register(
    RecordKind(
        model="traceability.EventSubscription",
        noun="event-subscriptions",
        nav="exchange",
        icon="webhook",
        label=_("event subscription"),
        plural=_("Event subscriptions"),
        rows=lambda actor: EventSubscription.objects.filter(
            site_or_own_filter(actor, site="subscribed_by__home_site", own="subscribed_by")
        ).select_related("query", "subscribed_by"),
        number=lambda s: s.number[:8],
        title=lambda s: s.dest,
        state=_subscription_pill,
        columns=[
            ColumnSpec("state", _("State"), _subscription_pill, "state"),
            ColumnSpec("number", _("Number"), lambda s: Link(s.number[:8], url_of(s)), "mono"),
            ColumnSpec(
                "query", _("Query"), lambda s: Link(s.query.name, url_of(s.query), mono=True)
            ),
            ColumnSpec("dest", _("Address"), lambda s: s.dest),
            ColumnSpec("when", _("When"), _when),
            ColumnSpec(
                "told",
                _("Last told"),
                lambda s: Moment(s.last_notified_at) if s.last_notified_at else None,
                "moment",
            ),
        ],
        facts=lambda view: [
            Fact(_("Query"), Link(view.record.query.name, url_of(view.record.query), mono=True)),
            Fact(_("Address"), Link(view.record.dest, mono=True)),
            Fact(_("When"), _when(view.record)),
            Fact(_("Subscribed by"), view.record.subscribed_by.name),
            Fact(_("Subscribed"), Moment(view.record.created_at)),
            Fact(_("Signed"), _("yes") if view.record.password else _("no")),
        ],
        sections=[_deliveries],
        search=("dest", "query__name"),
        filters=[FilterSpec("state", _("State"), lambda a: SUBSCRIPTION.choices(), "state")],
        api=lambda s: {
            "subscription_id": s.number,
            "query": s.query.name,
            "dest": s.dest,
            "stream": s.stream,
            "schedule": s.schedule,
            "state": s.state,
            "last_notified_at": s.last_notified_at.isoformat() if s.last_notified_at else None,
        },
        empty=_("Whoever wants to be told of new events stands here."),
    )
)

add_tasks(
    TaskSource(
        code="unlinked-events",
        title=_("Partners' events not linked to lots"),
        permission="traceability.link_event",
        noun=NOUN,
        rows=lambda actor: (
            _visible(actor)
            .filter(job__isnull=False, declares_error=False, is_linked=False, names_lots=True)
            .order_by("record_time", "pk")
        ),
        query=f"state={UNLINKED}",
        icon="link",
    )
)
