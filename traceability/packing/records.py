"""Pages and API forms of logistic units, and where a lot's page shows its box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.quantities import plain
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import (
    ColumnSpec,
    FilterSpec,
    RecordKind,
    View,
    add_facts,
    add_section,
    register,
)
from traceability.models import EventUnit, LogisticUnit, Lot, TraceEvent
from traceability.packing import queries
from traceability.packing.states import CARRIER, CarrierState
from traceability.records import lot_link, lot_pill, site_choices
from traceability.words import event_words


def unit_pill(unit: LogisticUnit) -> Pill:
    """Return whether a logistic unit is in house."""
    state = CarrierState(unit.state)
    return Pill(CARRIER.labels[state], CARRIER.tones[state])


def unit_link(unit: LogisticUnit) -> Link:
    """Return the link to a logistic unit by its SSCC."""
    return Link(unit.sscc, f"/logistic-units/{unit.pk}/", mono=True)


def _facts(view: View) -> Sequence[Fact]:
    unit: LogisticUnit = view.record
    outer = LogisticUnit.objects.in_bulk(queries.around(unit.pk))
    return [
        Fact(_("Kind"), unit.get_kind_display()),
        Fact(_("Location"), Link(str(unit.location), f"/locations/{unit.location_id}/")),
        Fact(_("Lies in"), [unit_link(u) for u in outer.values()] or _("nothing else")),
        Fact(_("Site"), unit.site.code),
    ]


def _contents(view: View) -> Section:
    unit: LogisticUnit = view.record
    everything = queries.inside([unit.pk])
    units = LogisticUnit.objects.in_bulk(everything)
    lots = Lot.objects.select_related("item").in_bulk(queries.total(everything.values()))
    rows = [
        Row(
            [
                lot_link(lots[lot]),
                lot_pill(lots[lot]),
                lots[lot].item.name,
                Number(plain(quantity), lots[lot].item.get_unit_display()),
                unit_link(units[carrier]),
            ],
            f"/lots/{lot}/",
        )
        for carrier, content in everything.items()
        for lot, quantity in content.lots.items()
    ]
    rows += [
        Row([unit_link(units[inner]), unit_pill(units[inner]), units[inner].get_kind_display(),
             None, unit_link(units[carrier])], f"/logistic-units/{inner}/")
        for carrier, content in everything.items()
        for inner in content.units
    ]  # fmt: skip
    columns = [
        Column("number", _("Lot or unit"), "mono"),
        Column("state", _("State"), "state"),
        Column("name", _("Name")),
        Column("q", _("Quantity"), "number"),
        Column("in", _("Packed in"), "mono"),
    ]
    empty = _("Nothing lies in it yet. Pack lots, units or boxes into it.")
    return Section(
        "contents",
        pgettext_lazy("goods", "Contents"),
        table=Table(columns, rows, empty),
        count=len(rows),
        tells_of_others=True,
    )


def _happenings(view: View) -> Section:
    unit: LogisticUnit = view.record
    # A union, so that each part is found by its index.
    own = TraceEvent.objects.filter(carrier=unit).order_by().values("pk")
    ids = own.union(EventUnit.objects.filter(unit=unit).values("event"))
    events = TraceEvent.objects.filter(pk__in=ids)
    shown, count = view.counted(
        events.select_related("performed_by", "carrier").order_by("-event_time", "-pk")
    )
    rows = [
        Row(
            [
                Link(str(event_words(e)), f"/trace-events/{e.pk}/"),
                Moment(e.event_time),
                str(e.performed_by),
                unit_link(e.carrier) if e.carrier and e.carrier_id != unit.pk else None,
                e.note or None,
            ]
        )
        for e in shown
    ]
    columns = [
        Column("step", _("Step")),
        Column("at", _("Happened"), "moment"),
        Column("who", _("Done by")),
        Column("into", _("Into or out of"), "mono"),
        Column("note", _("Note")),
    ]
    return Section("happenings", _("What happened"), table=Table(columns, rows), count=count)


def unit_api(unit: LogisticUnit) -> Mapping[str, Any]:
    """Return the JSON form of a logistic unit; its contents stand on the page of one."""
    return {
        "sscc": unit.sscc,
        "kind": unit.kind,
        "state": unit.state,
        "location_id": unit.location_id,
        "location": unit.location.code,
        "site_id": unit.site_id,
    }


register(
    RecordKind(
        model="traceability.LogisticUnit",
        noun="logistic-units",
        nav="stock",
        icon="package",
        label=_("logistic unit"),
        plural=_("Logistic units"),
        rows=lambda a: LogisticUnit.objects.visible_to(a).select_related("location", "site"),
        number=lambda u: u.sscc,
        title=lambda u: u.get_kind_display(),
        state=unit_pill,
        columns=[
            ColumnSpec("state", _("State"), unit_pill, "state"),
            ColumnSpec("sscc", _("SSCC"), unit_link, "mono", "sscc"),
            ColumnSpec("kind", _("Kind"), lambda u: u.get_kind_display()),
            ColumnSpec(
                "place",
                _("Location"),
                lambda u: Link(u.location.code, f"/locations/{u.location_id}/", mono=True),
                "mono",
            ),
            ColumnSpec("site", _("Site"), lambda u: u.site.code),
        ],
        facts=_facts,
        sections=[_contents, _happenings],
        search=("sscc", "location__code"),
        filters=[
            FilterSpec("state", _("State"), lambda a: CARRIER.choices(), "state"),
            FilterSpec("kind", _("Kind"), lambda a: LogisticUnit.Kind.choices, "kind"),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        scan=("sscc",),
        api=unit_api,
        empty=_("Boxes and pallets stand here as soon as one is opened for packing."),
    )
)


def _packed_in(view: View) -> Sequence[Fact]:
    rows = queries.packed([view.record.pk])
    units = LogisticUnit.objects.visible_to(view.actor).in_bulk([row.unit_id for row in rows])
    return [
        Fact(_("Packed in"), [unit_link(units[row.unit_id]), Number(plain(row.quantity))])
        for row in rows
        if row.unit_id in units
    ]


add_facts("traceability.Lot", _packed_in)


def _event_units(view: View) -> Section | None:
    lines = view.record.units.select_related("unit").order_by("pk")
    rows = [
        Row([unit_link(x.unit), unit_pill(x.unit), x.unit.get_kind_display()])
        for x in view.first(lines)
    ]
    columns = [
        Column("sscc", _("SSCC"), "mono"),
        Column("state", _("State"), "state"),
        Column("kind", _("Kind")),
    ]
    if not rows:
        return None
    return Section("units", _("Logistic units"), table=Table(columns, rows), count=lines.count())


add_section("traceability.TraceEvent", 60, _event_units)
