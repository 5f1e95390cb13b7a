"""How exactly it is known that a lot belongs to an answer: per unit, or per lot only."""

# Statements are put together from constants; every value is a parameter.

from __future__ import annotations

from collections.abc import Collection

from traceability.models import TraceEvent
from traceability.trace.answer import Direction
from traceability.trace.query import Trace

UNIT, LOT = TraceEvent.Precision.UNIT, TraceEvent.Precision.LOT

_NEXT = """
    SELECT {a}.lot_id, bool_or(e.precision = 'lot') FROM traceability_event{first} {a}
    JOIN traceability_traceevent e ON e.id = {a}.event_id
    JOIN traceability_event{second} {b} ON {b}.event_id = {a}.event_id
    JOIN reach r ON r.lot_id = {b}.lot_id
    WHERE {a}.lot_id = ANY(%(shown)s::bigint[]) AND e.id NOT IN (SELECT id FROM void)
    GROUP BY {a}.lot_id"""
_ENDS = {
    Direction.FORWARD: {"a": "o", "first": "output", "b": "i", "second": "input"},
    Direction.BACKWARD: {"a": "i", "first": "input", "b": "o", "second": "output"},
}


def precision_of(trace: Trace, lot_ids: Collection[int]) -> dict[int, TraceEvent.Precision]:
    """Return for each lot whether its links to the answer are all known per unit.

    A unit that is in an answer only through the lot it belongs to is known per lot.
    """
    found = dict.fromkeys(lot_ids, LOT)
    known: dict[int, bool] = {}
    for side in trace.shape.sides:
        statement = trace.known_sql() + _NEXT.format(**_ENDS[side])
        for lot_id, vague in trace.rows(statement, shown="{" + ",".join(map(str, lot_ids)) + "}"):
            known[lot_id] = known.get(lot_id, False) or vague
    return {**found, **{pk: LOT if vague else UNIT for pk, vague in known.items()}}
