"""Reads of what a correction would move back, and of what happened to those goods since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.core.quantities import ZERO
from erp.inventory.models import Balance, StockMove
from traceability.models import TraceEvent, standing

Key = tuple[int, int, str]
"""Lot, location, status."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What cannot be taken back of a lot at a place, and the later events that took from it."""

    key: Key
    wanted: Decimal
    left: Decimal
    later: Sequence[TraceEvent]


def moves_of(event_ids: Collection[int]) -> list[StockMove]:
    """Return the ledger rows of these events, in the order they were written."""
    rows = StockMove.objects.filter(event__in=event_ids).order_by("pk")
    return list(rows.select_related("lot__item", "from_location", "to_location"))


def missing(moves: Sequence[StockMove]) -> list[Missing]:
    """Return where goods that these moves brought do no longer lie, so that they cannot go back.

    Looked at is not only what lies there now: at no moment since may the stock, without these
    goods, have been below zero. So a person corrects from the newest event backward.
    """
    brought = {key: quantity for key, quantity in _brought(moves).items() if quantity > ZERO}
    if not brought:
        return []
    lots = {lot for lot, _place, _status in brought}
    left = _balances(lots)
    later = _standing_since(moves[0].pk, lots, {move.event_id for move in moves})
    return [
        found
        for key, quantity in sorted(brought.items())
        if (found := _missing(key, quantity, left.get(key, ZERO), later)) is not None
    ]


def _brought(moves: Sequence[StockMove]) -> dict[Key, Decimal]:
    """Return what the moves together left at physical places."""
    net: dict[Key, Decimal] = defaultdict(lambda: ZERO)
    for move in moves:
        if not move.to_location.virtual:
            net[move.lot_id, move.to_location_id, move.to_status] += move.quantity
        if not move.from_location.virtual:
            net[move.lot_id, move.from_location_id, move.from_status] -= move.quantity
    return net


def _balances(lots: Collection[int]) -> dict[Key, Decimal]:
    rows = Balance.objects.filter(lot__in=lots).values_list(
        "lot_id", "location_id", "status", "quantity"
    )
    return {(lot, place, status): quantity for lot, place, status, quantity in rows}


def _standing_since(first: int, lots: Collection[int], own: Collection[int]) -> list[StockMove]:
    """Return the later moves of these lots, newest first; what was taken back has no effect."""
    rows = StockMove.objects.filter(standing(), lot__in=lots, pk__gt=first).exclude(event__in=own)
    return list(rows.select_related("event").order_by("-pk"))


def _missing(
    key: Key, wanted: Decimal, left: Decimal, later: Sequence[StockMove]
) -> Missing | None:
    lowest, taken = left, []
    now = left
    for move in later:
        lowest = min(lowest, now)
        if (move.lot_id, move.from_location_id, move.from_status) == key:
            now += move.quantity
            taken.append(move.event)
        if (move.lot_id, move.to_location_id, move.to_status) == key:
            now -= move.quantity
    lowest = min(lowest, now)
    return Missing(key, wanted, lowest, taken) if lowest < wanted else None


def places_of(moves: Collection[StockMove]) -> Iterator[int]:
    """Yield the sites whose stock these moves changed."""
    for move in moves:
        yield move.from_location.site_id
        yield move.to_location.site_id
