"""What components tell a trace: from when to when one was in which unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.inventory.components import queries
from erp.inventory.components.rules import Stay
from traceability.models import Lot, TraceEvent
from traceability.origins import FacetRow, facet, figure

Ids = Collection[int]


@figure("taken_out", label=_("taken out of units"), sign=1, order=15)
def taken_out(lot_ids: Ids) -> Mapping[int, Decimal]:
    """Return what came back out of units: it was used, and is a component again."""
    return queries.taken_out_of_units(lot_ids)


@facet("replaced-components", title=_("Replaced components"), order=45)
def replaced(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return the units of a trace in which a component was replaced, with the times."""
    worked_on = TraceEvent.objects.standing().filter(assembly__in=lot_ids)
    of_components = TraceEvent.objects.standing().filter(
        assembly__isnull=False, subjects__lot__in=lot_ids
    )
    units = {*worked_on.values_list("assembly_id", flat=True),
             *of_components.values_list("assembly_id", flat=True)} - {None}  # fmt: skip
    changed = {unit: kept for unit, kept in queries.components_of(units).items() if unit}
    lots = Lot.objects.in_bulk(
        {*units, *(s.component_id for kept in changed.values() for s in kept)}
    )
    return [
        FacetRow(
            label=lots[stay.component_id].number,
            url=f"/lots/{stay.component_id}/",
            detail=_told(lots[unit], stay),
            lot_ids=(unit,),
            at=stay.came.at,
        )
        for unit, kept in sorted(changed.items())
        for stay in kept
        if not stay.current or stay.came.at > min(s.came.at for s in kept)
    ]


def _told(unit: Lot, stay: Stay) -> str:
    facts = {
        "unit": unit.number,
        "since": f"{stay.came.at:%Y-%m-%d}",
        "until": f"{stay.went.at:%Y-%m-%d}" if stay.went else "",
    }
    if stay.current:
        return _now("in %(unit)s since %(since)s") % facts
    return _now("in %(unit)s from %(since)s to %(until)s") % facts
