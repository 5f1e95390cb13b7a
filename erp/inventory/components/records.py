"""What a lot's page shows of components: as built, as maintained, and where a component was."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.core.quantities import plain
from erp.inventory.components import queries
from erp.inventory.components.rules import Stay
from erp.ui.page import Column, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import View, add_section
from traceability.models import Lot
from traceability.records import lot_link

COLUMNS = [
    Column("state", _("State"), "state"),
    Column("lot", _("Component"), "mono"),
    Column("name", _("Name")),
    Column("quantity", _("Quantity"), "number"),
    Column("from", _("Built in"), "moment"),
    Column("until", _("Taken out"), "moment"),
    Column("built", _("As built")),
]


def _lots(ids: Collection[int]) -> dict[int, Lot]:
    return Lot.objects.select_related("item").in_bulk(ids)


def _as_maintained(view: View) -> Section | None:
    """Show every component of a unit: what is in it now, and what was."""
    unit: Lot = view.record
    if unit.kind != Lot.Kind.SERIAL:
        return None
    kept = queries.components_of([unit.pk])[unit.pk]
    if not kept:
        return None
    released = queries.released_at(unit.pk, unit.batch_id)
    lots = _lots({stay.component_id for stay in kept})
    rows = [
        Row(
            [
                Pill(_("in the unit"), "good") if s.current else Pill(_("taken out"), "draft"),
                lot_link(lots[s.component_id]),
                lots[s.component_id].item.name,
                Number(plain(s.quantity), lots[s.component_id].item.get_unit_display()),
                Moment(s.came.at),
                Moment(s.went.at) if s.went else "–",
                _("yes") if released is None or s.covers(released) else _("no"),
            ],
            f"/lots/{s.component_id}/",
        )
        for s in sorted(kept, key=lambda s: not s.current)
    ]
    note = _now("As built is what was in it at its release.")
    if released is None:
        note = _now("It was not released yet: as built is what is in it so far.")
    return Section(
        "components", _("Components"), table=Table(COLUMNS, rows), count=len(rows), note=note
    )


def _was_in(view: View) -> Section | None:
    """Show the units a component is or was in."""
    component: Lot = view.record
    if component.kind != Lot.Kind.SERIAL:
        return None  # A lot of screws is in many units: the trace tells.
    found: Sequence[tuple[int, Stay]] = queries.units_with([component.pk]).get(component.pk, ())
    if not found:
        return None
    lots = _lots({unit for unit, _stay in found})
    shown = found if view.full else found[:50]
    rows = [
        Row(
            [
                Pill(_("in the unit"), "good") if s.current else Pill(_("taken out"), "draft"),
                lot_link(lots[unit]),
                lots[unit].item.name,
                Number(plain(s.quantity), component.item.get_unit_display()),
                Moment(s.came.at),
                Moment(s.went.at) if s.went else "–",
            ],
            f"/lots/{unit}/",
        )
        for unit, s in shown
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("lot", _("Unit"), "mono"),
        *COLUMNS[2:-1],
    ]
    trace = f"/trace/?start=lot:{component.pk}&direction=forward"
    more = Link(_now("Trace it on to units and customers"), trace)
    return Section(
        "built-into", _("Built into units"), table=Table(columns, rows, more=more), count=len(found)
    )


add_section("traceability.Lot", 52, _as_maintained)
add_section("traceability.Lot", 53, _was_in)
