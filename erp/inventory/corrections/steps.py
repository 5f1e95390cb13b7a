"""Writes of corrections in the ledger. The lots are locked by the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from erp.core.context import Context
from erp.inventory.models import StockMove
from erp.inventory.steps import MoveLine, Place, move
from traceability.corrections import steps as corrections
from traceability.corrections.events import EventsDeclaredWrong
from traceability.corrections.queries import lots_of
from traceability.models import ErrorDeclaration, TraceEvent


def declare_wrong(
    ctx: Context,
    wrong: TraceEvent,
    together: Sequence[TraceEvent],
    moves: Sequence[StockMove],
    error: str,
) -> ErrorDeclaration:
    """Take events out of the chain and their goods back; tell the apps that keep figures of them.

    Nothing is edited: the ledger gets one opposite row for each of theirs.
    """
    against = corrections.take_out(ctx, together, ctx.reason)
    declaration = corrections.declare(ctx, wrong, against[wrong.pk], error)
    _move_back(ctx, against, moves)
    ctx.emit(
        EventsDeclaredWrong(
            declaration.pk,
            tuple(event.pk for event in together),
            lots_of(together),
            str(wrong.operation_id or ""),
        )
    )
    return declaration


def _move_back(
    ctx: Context, against: Mapping[int, TraceEvent], moves: Sequence[StockMove]
) -> None:
    """Write the opposite of every move, the last one first."""
    by_event: dict[int, list[MoveLine]] = defaultdict(list)
    for done in reversed(moves):
        source = Place(done.to_location, done.to_status)
        target = Place(done.from_location, done.from_status)
        by_event[done.event_id].append(MoveLine(done.lot, done.quantity, source, target))
    for event_id in sorted(by_event, reverse=True):
        move(ctx, against[event_id], by_event[event_id])
