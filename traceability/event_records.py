"""Pages and API form of trace events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.core.quantities import plain
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.event_lots import Line, lots_named, with_lots
from traceability.models import TraceEvent
from traceability.records import lot_link, lot_pill, site_choices
from traceability.words import STEPS, event_words

STANDS, WRONG, CORRECTION = "recorded", "wrong", "correction"
STATES: tuple[tuple[str, Text], ...] = (
    (STANDS, pgettext_lazy("state of a trace event", "recorded")),
    (WRONG, _("declared wrong")),
    (CORRECTION, _("correction")),
)


def _rows(actor: Actor) -> QuerySet[TraceEvent]:
    events = TraceEvent.objects.visible_to(actor).annotate(is_wrong=_declared_wrong())
    return with_lots(events.select_related("site", "location", "performed_by"))


def _declared_wrong() -> Exists:
    return Exists(TraceEvent.objects.filter(corrects=OuterRef("pk")))


def event_pill(event: TraceEvent) -> Pill:
    """Return whether an event counts, was declared wrong, or is a declaration itself."""
    if event.corrects_id is not None:
        return Pill(_("correction"), "info")
    wrong = getattr(event, "is_wrong", None)
    if wrong is None:  # Read by an operation, not by the list.
        wrong = event.corrections.exists()
    stands = Pill(pgettext_lazy("state of a trace event", "recorded"), "good")
    return Pill(_("declared wrong"), "bad") if wrong else stands


def _by_state(events: QuerySet[TraceEvent], state: str) -> QuerySet[TraceEvent]:
    if state == CORRECTION:
        return events.filter(corrects__isnull=False)
    wrong = _declared_wrong()
    return events.filter(wrong if state == WRONG else ~wrong, corrects__isnull=True)


def _moment(event: TraceEvent) -> Any:
    return Moment(event.event_time)


def _event_facts(event: TraceEvent) -> Sequence[Fact]:
    return [
        Fact(_("Step"), event_words(event)),
        Fact(_("Happened"), _moment(event)),
        Fact(_("Recorded on"), Moment(event.record_time)),
        Fact(_("Done by"), str(event.performed_by)),
        Fact(_("Place"), str(event.location) if event.location else None),
        Fact(_("Links"), event.get_precision_display()),
        Fact(_("Note"), event.note or "–"),
    ]


def _lines(view: View) -> Section:
    event: TraceEvent = view.record
    named = ((event.inputs, _("in")), (event.outputs, _("out")), (event.subjects, _("concerned")))
    rows: list[Row] = []
    count = 0
    for lines, word in named:
        shown, there = view.counted(lines.select_related("lot__item").order_by("lot_id"))
        rows += [_line(word, line) for line in shown]
        count += there
    columns = [
        Column("role", _("Role")),
        Column("state", _("State"), "state"),
        Column("lot", _("Lot or unit"), "mono"),
        Column("name", _("Name")),
        Column("q", _("Quantity"), "number"),
    ]
    whole = Link(_("All of them in the trace"), f"/trace/?start=event:{event.pk}")
    more = whole if count > len(rows) else None
    table = Table(columns, rows, more=more)
    return Section("lines", _("Lots and units"), table=table, count=count, tells_of_others=True)


def _line(word: Text, line: Line) -> Row:
    lot = line.lot
    unit = lot.item.get_unit_display()
    quantity = Number(plain(line.quantity), unit) if line.quantity is not None else None
    return Row([word, lot_pill(lot), lot_link(lot), lot.item.name, quantity])


register(
    RecordKind(
        model="traceability.TraceEvent",
        noun="trace-events",
        nav="stock",
        icon="timeline-event",
        label=_("trace event"),
        plural=_("Trace events"),
        rows=_rows,
        number=lambda e: f"#{e.pk}",
        title=event_words,
        state=event_pill,
        columns=[
            ColumnSpec("state", _("State"), event_pill, "state"),
            ColumnSpec("at", _("Happened"), _moment, "moment", "event_time"),
            ColumnSpec("step", _("Step"), event_words),
            ColumnSpec("lots", _("Lots and units"), lots_named, "mono"),
            ColumnSpec("place", _("Place"), lambda e: str(e.location) if e.location else None),
            ColumnSpec("who", _("Done by"), lambda e: str(e.performed_by)),
            ColumnSpec("note", _("Note"), lambda e: e.note or None),
        ],
        facts=lambda v: _event_facts(v.record),
        sections=[_lines],
        search=("note", "biz_step"),
        filters=[
            FilterSpec("step", _("Step"), lambda a: list(STEPS.items()), "biz_step"),
            FilterSpec("state", _("State"), lambda a: STATES, apply=_by_state),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        order="-event_time",
        api=lambda e: {
            "kind": e.kind,
            "action": e.action,
            "biz_step": e.biz_step,
            "disposition": e.disposition,
            "event_time": e.event_time.isoformat(),
            "zone_offset": e.zone_offset,
            "record_time": e.record_time.isoformat(),
            "precision": e.precision,
            "declared_wrong": event_pill(e).tone == "bad",
            "corrects_event_id": e.corrects_id,
        },
        empty=_("What happens to lots and units stands here, from the first receipt on."),
    )
)
