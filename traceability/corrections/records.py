"""Pages and API forms of corrections, and what other pages show of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.core.quantities import plain
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import (
    ColumnSpec,
    FilterSpec,
    RecordKind,
    View,
    add_badges,
    add_facts,
    register,
)
from traceability.corrections.queries import never_made
from traceability.ids import IdSet
from traceability.models import (
    ErrorDeclaration,
    EventInput,
    EventOutput,
    EventSubject,
    TraceEvent,
)
from traceability.records import lot_link, site_choices
from traceability.words import event_words

Error = ErrorDeclaration.Error
LINES = ((EventInput, _("in")), (EventOutput, _("out")), (EventSubject, _("concerned")))


def event_link(event: TraceEvent) -> Link:
    """Return the link to an event, by its number and what happened."""
    return Link(f"#{event.pk} {event_words(event)}", f"/trace-events/{event.pk}/")


def with_correction(value: Any, event: TraceEvent) -> Any:
    """Return a cell that says beside its value when the event behind it was declared wrong."""
    return [value, Pill(_("declared wrong"), "bad")] if event.corrections.all() else value


def _waits(declaration: ErrorDeclaration) -> bool:
    if declaration.error != Error.INCORRECT_DATA:
        return False
    return not declaration.correctives.all()


def declaration_pill(declaration: ErrorDeclaration) -> Pill:
    """Return whether the right data are recorded."""
    if _waits(declaration):
        return Pill(_("right data missing"), "waiting")
    return Pill(_("corrected"), "good")


def _rows(actor: Actor) -> Any:
    rows = ErrorDeclaration.objects.visible_to(actor)
    rows = rows.select_related("wrong__site", "event", "declared_by")
    return rows.prefetch_related("correctives__event")


def _still_waiting(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    waiting = ErrorDeclaration.objects.waiting()
    return rows.filter(pk__in=waiting.values("pk")) if value == "yes" else rows


def _facts(view: View) -> Sequence[Fact]:
    declaration: ErrorDeclaration = view.record
    return [
        Fact(_("Wrong event"), event_link(declaration.wrong)),
        Fact(_("Happened"), Moment(declaration.wrong.event_time)),
        Fact(_("What is wrong"), declaration.get_error_display()),
        Fact(_("Explanation"), declaration.explanation),
        Fact(_("Declared by"), str(declaration.declared_by)),
        Fact(_("Declared"), Moment(declaration.declared_at)),
        Fact(_("Taken out by"), event_link(declaration.event)),
        Fact(
            _("Right events"),
            [event_link(line.event) for line in declaration.correctives.all()] or None,
        ),
    ]


def _together(view: View) -> Section:
    """Show everything the declaration took out: what was recorded at once."""
    declared = declaration_events(view.record)
    rows = [
        Row([event_link(e.corrects), Moment(e.event_time), event_link(e)])
        for e in view.first(declared)
        if e.corrects is not None
    ]
    columns = [
        Column("wrong", _("Wrong event")),
        Column("at", _("Happened"), "moment"),
        Column("by", _("Taken out by")),
    ]
    return Section("events", _("Events"), table=Table(columns, rows), count=declared.count())


def _said(view: View) -> Section:
    """Show what was said wrongly beside what is right, lot by lot with quantities."""
    declaration: ErrorDeclaration = view.record
    wrong = set(declaration_events(declaration).values_list("corrects_id", flat=True))
    events = IdSet({*wrong, *(line.event_id for line in declaration.correctives.all())})
    rows: list[Row] = []
    count = 0
    for lines, role in LINES:
        of_both = lines.objects.filter(event__in=events).select_related("lot__item", "event")
        shown, there = view.counted(of_both.order_by("event_id", "lot__number", "pk"))
        rows += [_line(line, role, wrong=line.event_id in wrong) for line in shown]
        count += there
    columns = [
        Column("state", _("State"), "state"),
        Column("event", _("Event")),
        Column("role", _("Role")),
        Column("lot", _("Lot or unit"), "mono"),
        Column("quantity", _("Quantity"), "number"),
    ]
    return Section("said", _("Wrong and right"), table=Table(columns, rows), count=count)


def _line(line: Any, role: Text, *, wrong: bool) -> Row:
    pill = (
        Pill(_("declared wrong"), "bad")
        if wrong
        else Pill(pgettext_lazy("of an event", "right"), "good")
    )
    unit = line.lot.item.get_unit_display()
    quantity = Number(plain(line.quantity), unit) if line.quantity is not None else "–"
    return Row([pill, event_link(line.event), role, lot_link(line.lot), quantity])


def declaration_events(declaration: ErrorDeclaration) -> Any:
    """Return the further events a declaration wrote."""
    event = declaration.event
    rows = TraceEvent.objects.filter(corrects__isnull=False)
    if event.operation_id is None:
        return rows.filter(pk=event.pk).select_related("corrects")
    return rows.filter(operation_id=event.operation_id).select_related("corrects").order_by("pk")


def declaration_api(declaration: ErrorDeclaration) -> Mapping[str, Any]:
    """Return the JSON form, in the words of the EPCIS error declaration."""
    return {
        "number": declaration.number,
        "wrong_event_id": declaration.wrong_id,
        "event_id": declaration.event_id,
        "reason": declaration.error,
        "explanation": declaration.explanation,
        "declaration_time": declaration.declared_at.isoformat(),
        "corrective_event_ids": [line.event_id for line in declaration.correctives.all()],
    }


register(
    RecordKind(
        model="traceability.ErrorDeclaration",
        noun="corrections",
        nav="stock",
        icon="eraser",
        label=_("correction"),
        plural=_("Corrections"),
        rows=_rows,
        number=lambda d: d.number,
        title=lambda d: event_words(d.wrong),
        state=declaration_pill,
        columns=[
            ColumnSpec("state", _("State"), declaration_pill, "state"),
            ColumnSpec(
                "number",
                _("Number"),
                lambda d: Link(d.number, f"/corrections/{d.pk}/", mono=True),
                "mono",
                "number",
            ),
            ColumnSpec("wrong", _("Wrong event"), lambda d: event_link(d.wrong)),
            ColumnSpec("error", _("What is wrong"), lambda d: d.get_error_display()),
            ColumnSpec("why", _("Explanation"), lambda d: d.explanation),
            ColumnSpec("who", _("Declared by"), lambda d: str(d.declared_by)),
            ColumnSpec(
                "at", _("Declared"), lambda d: Moment(d.declared_at), "moment", "declared_at"
            ),
        ],
        facts=_facts,
        sections=[_said, _together],
        search=("number", "explanation"),
        filters=[
            FilterSpec("error", _("What is wrong"), lambda a: Error.choices, "error"),
            FilterSpec(
                "waits",
                _("Right data"),
                lambda a: [("yes", _("missing"))],
                apply=_still_waiting,
            ),
            FilterSpec("site", _("Site"), site_choices, "wrong__site_id"),
        ],
        api=declaration_api,
        empty=_("No event was declared wrong. It can be done on the page of a trace event."),
    )
)


def _event_facts(view: View) -> Sequence[Fact]:
    event: TraceEvent = view.record
    facts = [Fact(_("Recorded"), Moment(event.record_time))]
    against = event.corrections.first()
    if event.corrects is not None:
        facts.append(Fact(_("Corrects"), event_link(event.corrects)))
    if against is not None:
        facts.append(Fact(_("Taken out by"), event_link(against)))
    of = declaration_of(against if against is not None else event)
    if of is not None:
        facts.append(Fact(_("Correction"), Link(of.number, f"/corrections/{of.pk}/", mono=True)))
    return facts


def declaration_of(event: TraceEvent) -> ErrorDeclaration | None:
    """Return the declaration by which an event was taken out, or which it corrects."""
    named = ErrorDeclaration.objects.filter(correctives__event=event).first()
    if named is not None or event.corrects_id is None:
        return named
    if event.operation_id is None:
        return ErrorDeclaration.objects.filter(event=event).first()
    return ErrorDeclaration.objects.filter(event__operation_id=event.operation_id).first()


def _lot_badges(view: View) -> Sequence[Pill]:
    return [Pill(_("never made"), "bad")] if never_made([view.record.pk]) else []


add_facts("traceability.TraceEvent", _event_facts)
add_badges("traceability.Lot", _lot_badges)
add_tasks(
    TaskSource(
        code="corrections-waiting",
        title=_("Corrections without the right data"),
        permission="inventory.name_corrective_event",
        noun="corrections",
        rows=lambda a: _rows(a).waiting().order_by("pk"),
        query="waits=yes",
    )
)
