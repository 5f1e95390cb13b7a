"""What lies in which logistic unit, told by the aggregation events up to a moment."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Case, F, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from erp.core.quantities import ZERO
from traceability.models import EventSubject, EventUnit, LogisticUnit, TraceEvent, standing
from traceability.packing.states import CarrierState

ADD = TraceEvent.Action.ADD


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies directly in a logistic unit: quantity by lot id, and other logistic units."""

    lots: dict[int, Decimal] = field(default_factory=dict)
    units: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        """Tell whether nothing lies in it."""
        return not self.lots and not self.units


def _aggregations(at: dt.datetime | None) -> QuerySet[TraceEvent]:
    events = TraceEvent.objects.standing().filter(carrier__isnull=False)
    return events.filter(event_time__lte=at) if at else events


def contents(unit_ids: Collection[int], at: dt.datetime | None = None) -> dict[int, Contents]:
    """Return what lies directly in each of these units at a moment (now, where none is given)."""
    events = _aggregations(at).filter(carrier__in=unit_ids).values("pk")
    lines = EventSubject.objects.filter(event__in=events, quantity__isnull=False)
    lots: dict[int, dict[int, Decimal]] = defaultdict(dict)
    rows = lines.order_by().values_list("event__carrier_id", "lot_id").annotate(inside=_inside())
    for carrier, lot, inside in rows.order_by("event__carrier_id", "lot_id"):
        if inside > ZERO:
            lots[carrier][lot] = inside
    units: dict[int, list[int]] = defaultdict(list)
    for unit, carrier in _carriers(EventUnit.objects.filter(event__in=events)).items():
        units[carrier].append(unit)
    return {pk: Contents(lots.get(pk, {}), tuple(units.get(pk, ()))) for pk in unit_ids}


def _inside() -> Sum:
    signed = Case(When(event__action=ADD, then=F("quantity")), default=Value(ZERO) - F("quantity"))
    return Sum(signed)


def _carriers(lines: QuerySet[EventUnit]) -> dict[int, int]:
    """Return in which unit each unit lies by these lines: the last one said decides."""
    latest: dict[int, tuple[int, str]] = {}
    rows = lines.filter(event__carrier__isnull=False).order_by("event__event_time", "event_id")
    for unit, carrier, action in rows.values_list("unit_id", "event__carrier_id", "event__action"):
        latest[unit] = (carrier, action)
    return {unit: carrier for unit, (carrier, action) in latest.items() if action == ADD}


def carriers_of(unit_ids: Collection[int], at: dt.datetime | None = None) -> dict[int, int]:
    """Return the unit in which each of these lies; those that lie in none are left out."""
    lines = EventUnit.objects.filter(unit__in=unit_ids, event__in=_aggregations(at).values("pk"))
    return _carriers(lines)


def around(unit_id: int) -> list[int]:
    """Return the units a unit lies in, from the nearest outward."""
    found: list[int] = []
    here = carriers_of([unit_id]).get(unit_id)
    while here is not None and here not in found:
        found.append(here)
        here = carriers_of([here]).get(here)
    return found


def inside(unit_ids: Iterable[int], at: dt.datetime | None = None) -> dict[int, Contents]:
    """Return these units and every unit in them, however deep, with what lies in each.

    One round of queries for each layer, whatever the number of units.
    """
    found: dict[int, Contents] = {}
    front = set(unit_ids)
    while front:
        layer = contents(front, at)
        found |= layer
        front = {pk for inner in layer.values() for pk in inner.units} - set(found)
    return found


def total(packed: Iterable[Contents]) -> dict[int, Decimal]:
    """Return the quantity of each lot over several units."""
    lots: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in packed:
        for lot, quantity in one.lots.items():
            lots[lot] += quantity
    return dict(lots)


@dataclass(frozen=True, slots=True)
class Packed:
    """A quantity of a lot in an open unit at a place."""

    lot_id: int
    unit_id: int
    location_id: int
    quantity: Decimal


def packed(lot_ids: Collection[int]) -> list[Packed]:
    """Return in which units in house these lots lie packed, and how much of each."""
    lines = EventSubject.objects.filter(
        standing(),
        lot__in=lot_ids,
        quantity__isnull=False,
        event__carrier__state=CarrierState.OPEN,
    )
    rows = (
        lines.order_by()
        .values_list("lot_id", "event__carrier_id", "event__carrier__location_id")
        .annotate(inside=Coalesce(_inside(), ZERO))
    )
    found = [Packed(*row) for row in rows.order_by("lot_id", "event__carrier_id")]
    return [row for row in found if row.quantity > ZERO]


def units_with(lot_ids: Collection[int]) -> QuerySet[LogisticUnit]:
    """Return the units in house in which any of these lots lies."""
    return LogisticUnit.objects.filter(pk__in={row.unit_id for row in packed(lot_ids)})
