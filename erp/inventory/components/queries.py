"""Which component is, or was, in which unit: told by events alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from erp.core.quantities import ZERO
from erp.inventory.components.rules import Change, Stay, stays
from erp.inventory.models import Balance
from traceability.models import EventInput, EventOutput, EventSubject, TraceEvent, uncorrected

UNIT = TraceEvent.Precision.UNIT
DELETE = TraceEvent.Action.DELETE


def components_of(unit_ids: Collection[int]) -> dict[int, list[Stay]]:
    """Return the components of each unit with the time they were in it; earlier ones as well.

    Only what is known of the unit itself: what is known of its lot is in the chain. Three queries
    whatever the number of units.
    """
    came, went = _built_in(unit_ids), _taken_out(unit_ids)
    return {pk: stays(came.get(pk, ()), went.get(pk, ())) for pk in unit_ids}


def _built_in(unit_ids: Collection[int]) -> dict[int, list[Change]]:
    made = EventOutput.objects.filter(
        uncorrected(), lot__in=unit_ids, lot__kind="serial", event__precision=UNIT
    )
    unit_of = dict(made.values_list("event_id", "lot_id"))
    found: dict[int, list[Change]] = defaultdict(list)
    for line in EventInput.objects.filter(event__in=unit_of).select_related("event"):
        unit = unit_of[line.event_id]
        if line.lot_id != unit:
            change = Change(line.lot_id, line.quantity, line.event_id, line.event.event_time)
            found[unit].append(change)
    return found


def _taken_out(unit_ids: Collection[int]) -> dict[int, list[Change]]:
    events = TraceEvent.objects.standing().filter(assembly__in=unit_ids, action=DELETE)
    lines = EventSubject.objects.filter(event__in=events.values("pk"), quantity__isnull=False)
    found: dict[int, list[Change]] = defaultdict(list)
    for line in lines.select_related("event"):
        unit = line.event.assembly_id
        if unit is not None and line.quantity is not None:
            change = Change(line.lot_id, line.quantity, line.event_id, line.event.event_time)
            found[unit].append(change)
    return found


def units_with(component_ids: Collection[int]) -> dict[int, list[tuple[int, Stay]]]:
    """Return the units in which each of these components is or was: ``(unit id, stay)``."""
    units = EventOutput.objects.filter(
        uncorrected(),
        event__inputs__lot__in=component_ids,
        event__precision=UNIT,
        lot__kind="serial",
    )
    ids = set(units.values_list("lot_id", flat=True)) - set(component_ids)
    found: dict[int, list[tuple[int, Stay]]] = defaultdict(list)
    for unit, kept in components_of(ids).items():
        for stay in kept:
            if stay.component_id in component_ids:
                found[stay.component_id].append((unit, stay))
    return found


def released_at(unit_id: int, batch_id: int | None) -> dt.datetime | None:
    """Return when a unit, or the lot it belongs to, was first released; ``None`` if never."""
    lots = [unit_id, batch_id] if batch_id else [unit_id]
    events = TraceEvent.objects.standing().filter(biz_step="releasing", subjects__lot__in=lots)
    return events.order_by("event_time").values_list("event_time", flat=True).first()


def balances_of(lot_id: int) -> list[Balance]:
    """Return where a lot lies, in every status."""
    rows = Balance.objects.filter(lot=lot_id, quantity__gt=ZERO)
    return list(rows.select_related("location__site").order_by("pk"))


def taken_out_of_units(lot_ids: Collection[int]) -> dict[int, Decimal]:
    """Return how much of each lot came back out of units it had been built into."""
    events = TraceEvent.objects.standing().filter(assembly__isnull=False, action=DELETE)
    lines = EventSubject.objects.filter(
        lot__in=lot_ids, quantity__isnull=False, event__in=events.values("pk")
    )
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for lot_id, quantity in lines.values_list("lot_id", "quantity"):
        found[lot_id] += quantity or ZERO
    return dict(found)
