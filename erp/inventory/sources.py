"""Holds on what went into lots: what was made of held goods is as doubtful as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from erp.core.actor import EVERYWHERE, Actor
from erp.core.reading import asked_once
from erp.inventory.models import HoldLine
from erp.inventory.queries import batch_by_lot
from traceability.trace.answer import Direction
from traceability.trace.query import Trace
from traceability.trace.start import Start

# A gate asks about the goods, whoever acts: what another site holds counts as well.
_WHOEVER = Actor(0, "", "", read_sites=frozenset({EVERYWHERE}))


@asked_once
def held_sources(lot_ids: Collection[int]) -> dict[int, list[HoldLine]]:
    """Return the open holds on what went into each of these lots, at any distance.

    Holds on a lot itself, on the lot it belongs to and on its own units are not among them. One
    walk for all lots; only where it meets a hold are its links read.
    """
    trace = Trace(Start.lots(*lot_ids), Direction.BACKWARD, _WHOEVER)
    lines = HoldLine.objects.filter(hold__released_at__isnull=True, lot__in=trace.reach.ids)
    batches = batch_by_lot(lot_ids)
    open_lines = [
        line
        for line in lines.select_related("hold", "lot").order_by("pk")
        if any(not _is_own(line, pk, batches) for pk in lot_ids)
    ]
    if not open_lines:
        return {}
    next_lots, asked = _next_lots(trace), frozenset(lot_ids)
    found: dict[int, list[HoldLine]] = defaultdict(list)
    for line in open_lines:
        for pk in _came_of(line.lot_id, next_lots) & asked:
            if not _is_own(line, pk, batches):
                found[pk].append(line)
    return dict(found)


def _is_own(line: HoldLine, lot_id: int, batches: Mapping[int, int | None]) -> bool:
    return line.lot_id in {lot_id, batches.get(lot_id)} or line.lot.batch_id == lot_id


def _next_lots(trace: Trace) -> Mapping[int, Collection[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for link in trace.links():
        found[link.input_id].add(link.output_id)
    return found


def _came_of(lot_id: int, next_lots: Mapping[int, Collection[int]]) -> set[int]:
    seen = {lot_id}
    front = [lot_id]
    while front:
        front = [pk for lot in front for pk in next_lots.get(lot, ()) if pk not in seen]
        seen.update(front)
    return seen
