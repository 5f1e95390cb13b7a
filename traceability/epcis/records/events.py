"""Exchanged events: whose they are, what they name, and why one is not linked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.errors import Text
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
)
from traceability.epcis.operations.capturing import what_is_missing
from traceability.epcis.steps.writing import reread
from traceability.words import step_words

NOUN = "epcis-events"
LINK_EVENT = "traceability.link_event"
LINKED, UNLINKED, OURS, DECLARED, NAMELESS = "linked", "unlinked", "ours", "declared", "nameless"
STATES = {
    OURS: (_("ours"), "info"),
    LINKED: (_("linked"), "good"),
    UNLINKED: (_("not linked"), "waiting"),
    DECLARED: (_("declares an error"), "bad"),
    NAMELESS: (_("names no lot"), "draft"),
}


def visible(actor: Actor) -> QuerySet[Any]:
    """Return the events the actor may see, with what pages show of them."""
    tracked = EpcisThing.objects.filter(event=OuterRef("pk"), tracked=True)
    linked = EpcisLink.objects.filter(event=OuterRef("pk"))
    rows: QuerySet[Any] = EpcisEvent.objects.visible_to(actor)
    rows = rows.select_related("site", "job__partner", "job__captured_by", "job__site", "link")
    marked: QuerySet[Any] = rows.annotate(names_lots=Exists(tracked), is_linked=Exists(linked))
    return marked


def state_of(event: Any) -> str:
    """Return whose an event is, and whether it is part of the trace."""
    if event.job_id is None:
        return OURS
    if event.declares_error:
        return DECLARED
    if event.is_linked:
        return LINKED
    return UNLINKED if event.names_lots else NAMELESS


def event_pill(event: Any) -> Pill:
    """Return the state of an event."""
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


def step_of(event: EpcisEvent) -> Any:
    """Return the business step in words."""
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
        Fact(_("Step"), step_of(event)),
        Fact(_("Disposition"), event.disposition or None),
        Fact(_("Read point"), Link(event.read_point, mono=True) if event.read_point else None),
        Fact(_("Origin"), _origin(event)),
        Fact(_("Capture"), Link(job.number, url_of(job)) if job else "–"),
        Fact(_("Trace event"), trace),
        Fact(_("Site"), event.site.code),
    ]


def _missing(view: View) -> Section | None:
    """Say why an event is not part of the trace, to those whom no action tells it.

    Who may link the event reads the reasons above, where linking is offered.
    """
    event: Any = view.record
    if state_of(event) != UNLINKED or view.actor.may(LINK_EVENT, event.site_id):
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
    shown, count = view.counted(view.record.references.order_by("pk"))
    if not shown:
        return None
    columns = [
        Column("kind", _("Kind")),
        Column("type", _("CBV type")),
        Column("uri", _("What"), "mono"),
    ]
    cells = [Row([r.get_kind_display(), r.type or "–", Link(r.uri, mono=True)]) for r in shown]
    return Section("references", _("What else it says"), table=Table(columns, cells), count=count)


def _document(view: View) -> Section:
    event: EpcisEvent = view.record
    own = {"@context": event.context} if event.context else {}
    body = {**own, **event.document}
    return document_section("document", _("The event as it was told"), body)


def document_section(anchor: str, title: Text, body: Any) -> Section:
    """Return a section that shows a JSON document."""
    text = json.dumps(body, indent=2, ensure_ascii=False)
    template = "traceability/_epcis_document.html"
    return Section(anchor, title, template=template, context={"text": text})


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
        rows=visible,
        number=lambda e: f"EV-{e.pk}",
        title=lambda e: step_of(e) or e.event_type,
        state=event_pill,
        columns=[
            ColumnSpec("state", _("State"), event_pill, "state"),
            ColumnSpec("number", _("Number"), lambda e: Link(f"EV-{e.pk}", url_of(e)), "mono"),
            ColumnSpec("at", _("Happened"), lambda e: Moment(e.event_time), "moment", "event_time"),
            ColumnSpec("step", _("Step"), step_of),
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


add_tasks(
    TaskSource(
        code="unlinked-events",
        title=_("Partners' events not linked to lots"),
        permission=LINK_EVENT,
        noun=NOUN,
        rows=lambda actor: (
            visible(actor)
            .filter(job__isnull=False, declares_error=False, is_linked=False, names_lots=True)
            .order_by("record_time", "pk")
        ),
        query=f"state={UNLINKED}",
        icon="link",
    )
)
