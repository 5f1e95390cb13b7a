"""Writes of corrections in the ledger. The lots are locked by the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from erp.core.context import Context
from erp.inventory.models import StockMove
from erp.inventory.steps import MoveLine, Place, move
from traceability.corrections import steps as corrections
from traceability.corrections.events import EventsDeclaredWrong
from traceability.corrections.queries import decided_before, lots_of
from traceability.models import ErrorDeclaration, EventUnit, LogisticUnit, Lot, TraceEvent
from traceability.packing import steps as packing
from traceability.packing.locking import lock_units
from traceability.packing.states import CarrierState
from traceability.states import LotState
from traceability.steps import change_state


def declare_wrong(
    ctx: Context,
    wrong: TraceEvent,
    together: Sequence[TraceEvent],
    lots: Mapping[int, Lot],
    moves: Sequence[StockMove],
    error: str,
) -> ErrorDeclaration:
    """Take events out of the chain and their goods back; tell the apps that keep figures of them.

    Nothing is edited: the ledger gets one opposite row for each of theirs.
    """
    against = corrections.take_out(ctx, together, ctx.reason)
    declaration = corrections.declare(ctx, wrong, against[wrong.pk], error)
    carriers = _carriers_back(ctx, together, moves)
    _move_back(ctx, against, moves, carriers)
    _decide_as_before(ctx, wrong, lots)
    ctx.emit(
        EventsDeclaredWrong(
            declaration.pk,
            tuple(event.pk for event in together),
            lots_of(together),
            str(wrong.operation_id or ""),
        )
    )
    return declaration


def _carriers_back(
    ctx: Context, together: Sequence[TraceEvent], moves: Sequence[StockMove]
) -> Mapping[int, LogisticUnit]:
    """Take boxes and pallets that went along as a whole back to where they came from."""
    lines = EventUnit.objects.filter(event__in=[e.pk for e in together if e.carrier_id is None])
    units = lock_units(ctx, lines.values_list("unit_id", flat=True))
    if units and moves:
        shipped = [u for u in units.values() if u.state == CarrierState.SHIPPED]
        packing.advance(shipped, "bring back")
        packing.place(units.values(), moves[0].from_location)
    return units


def _decide_as_before(ctx: Context, wrong: TraceEvent, lots: Mapping[int, Lot]) -> None:
    """Give lots back the decision that the wrong event took from them."""
    if wrong.operation_id is None:
        return
    before = decided_before(lots, wrong.operation_id)
    for state, verb in RESTORE.items():
        changed = [lots[pk] for pk, known in before.items() if known == state]
        waiting = [lot for lot in changed if lot.state == LotState.QUARANTINE]
        if waiting:
            change_state(ctx, waiting, verb)


RESTORE = {LotState.RELEASED: "restore release", LotState.REJECTED: "restore rejection"}


def _move_back(
    ctx: Context,
    against: Mapping[int, TraceEvent],
    moves: Sequence[StockMove],
    carriers: Mapping[int, LogisticUnit],
) -> None:
    """Write the opposite of every move, the last one first."""
    by_event: dict[int, list[MoveLine]] = defaultdict(list)
    for done in reversed(moves):
        source = Place(done.to_location, done.to_status)
        target = Place(done.from_location, done.from_status)
        by_event[done.event_id].append(MoveLine(done.lot, done.quantity, source, target))
    for event_id in sorted(by_event, reverse=True):
        move(ctx, against[event_id], by_event[event_id], carriers=carriers)
