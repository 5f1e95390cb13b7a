"""The walk, in SQL: level by level, every lot once, however the links run.

One statement. Each row of the recursive part is a whole level as an array, with everything seen so
far, so cycles end by themselves and the level of a lot is its shortest distance from the start.
Parameters: ``start`` (array), ``depth`` (levels to walk), ``at`` (as known at, or null).
"""

# Statements are put together from constants; every value is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass

from traceability.trace.answer import Direction
from traceability.trace.void import VOID_SQL

_KNOWN = "JOIN traceability_traceevent e ON e.id = {events}.event_id AND e.record_time <= %(at)s"

_FORWARD = """
    SELECT o.lot_id FROM traceability_eventinput i
    JOIN traceability_eventoutput o ON o.event_id = i.event_id {known}
    WHERE i.lot_id = f.lot_id AND i.event_id NOT IN (SELECT id FROM void)
    UNION ALL
    SELECT u.id FROM traceability_lot u WHERE u.batch_id = f.lot_id {member}"""

_BACKWARD = """
    SELECT i.lot_id FROM traceability_eventoutput o
    JOIN traceability_eventinput i ON i.event_id = o.event_id {known}
    WHERE o.lot_id = f.lot_id AND o.event_id NOT IN (SELECT id FROM void)
    UNION ALL
    SELECT u.batch_id FROM traceability_lot u
    WHERE u.id = f.lot_id AND u.batch_id IS NOT NULL {member}"""

_WALK = """
    {name} (level, front, seen) AS (
        SELECT 0, %(start)s::bigint[], %(start)s::bigint[]
        UNION ALL
        SELECT w.level + 1, n.front, w.seen || n.front
        FROM {name} w CROSS JOIN LATERAL (
            SELECT array_agg(lot_id) AS front FROM (
                SELECT k.lot_id FROM unnest(w.front) f(lot_id)
                CROSS JOIN LATERAL ({step} OFFSET 0) k
                EXCEPT SELECT unnest(w.seen)) x) n
        WHERE n.front IS NOT NULL AND w.level < %(depth)s)"""

# Lateral, so that the planner goes from each lot by index to its lines and never reads whole
# tables: the time depends on the size of the answer, not of the database.
_LINKS = """
    SELECT k.* FROM {near} r CROSS JOIN LATERAL (
        SELECT i.event_id, i.lot_id AS input_id, o.lot_id AS output_id,
               i.quantity AS input_quantity, o.quantity AS output_quantity {facts}
        FROM traceability_event{first} {a}
        JOIN traceability_event{second} {b} ON {b}.event_id = {a}.event_id {known}
        WHERE {a}.lot_id = r.lot_id AND {a}.event_id NOT IN (SELECT id FROM void)
        OFFSET 0) k {far}"""

_MEMBERS = """
    SELECT k.* FROM {near} r CROSS JOIN LATERAL (
        SELECT NULL::bigint AS event_id, u.batch_id AS input_id, u.id AS output_id,
               NULL::numeric, NULL::numeric {facts}
        FROM traceability_lot u WHERE {on} {member} OFFSET 0) k {far}"""

_LINES = """
    SELECT x.event_id FROM {near} CROSS JOIN LATERAL (
        SELECT event_id FROM traceability_event{line} y WHERE y.lot_id = r.lot_id OFFSET 0) x"""

_EVENT = "JOIN traceability_traceevent e ON e.id = {events}.event_id"
_FACTS = ", e.precision, e.event_time, e.biz_step"
_NO_FACTS = ", 'lot', NULL::timestamptz, ''"

LOTS = """CROSS JOIN LATERAL (
        SELECT id, number, kind, state, item_id, batch_id, site_id FROM traceability_lot x
        WHERE x.id = r.lot_id OFFSET 0) l"""
"""The lots of ``reach r``, one probe each."""


@dataclass(frozen=True)
class Shape:
    """What of a question decides how its statements are written.

    ``dated``: only what was recorded by ``at``. ``visible``: the query of lots the actor may see
    (empty: all). ``deep``: the walk has a depth limit; it goes one level further, to know whether
    something lies beyond.
    """

    direction: Direction
    dated: bool = False
    visible: str = ""
    deep: bool = False

    @property
    def sides(self) -> tuple[Direction, ...]:
        """Return the single directions of the question."""
        both = self.direction is Direction.BOTH
        return (Direction.BACKWARD, Direction.FORWARD) if both else (self.direction,)

    @property
    def bounded(self) -> bool:
        """Tell whether lots at the end of a link may be missing from ``reach``."""
        return self.deep or bool(self.visible)

    def walked(self) -> str:
        """Return the statement's beginning: ``void`` and ``walked (lot_id, level)``, unfiltered."""
        walks = ", ".join(self._walk(side) for side in self.sides)
        rows = " UNION ".join(self._rows(side) for side in self.sides)
        return f"WITH RECURSIVE {self._void()}, {walks}, walked (lot_id, level) AS ({rows})"

    def reach(self) -> str:
        """Return :meth:`walked` with its lots as ``reach``; only where nothing can be hidden."""
        return f"{self.walked()}, reach AS MATERIALIZED (SELECT lot_id, level FROM walked)"

    def given(self) -> str:
        """Return the beginning for lots already known: ``lots`` and ``levels`` are arrays."""
        rows = "SELECT * FROM unnest(%(lots)s::bigint[], %(levels)s::int[])"
        return f"WITH {self._void()}, reach (lot_id, level) AS MATERIALIZED ({rows})"

    def seen(self, lot: str) -> str:
        """Return the condition that the actor may see the lot with this id: one probe per lot."""
        if not self.visible:
            return "true"
        return f"EXISTS (SELECT 1 FROM ({self.visible}) v(id) WHERE v.id = {lot})"

    @property
    def nodes(self) -> str:
        """Return the table with every lot once, at its least distance."""
        if len(self.sides) == 1:
            return "reach"
        return "(SELECT DISTINCT ON (lot_id) * FROM reach ORDER BY lot_id, abs(level))"

    def links(self, *, facts: bool = False) -> str:
        """Return the rows of links among the lots of ``reach``, membership included.

        Columns: event_id, input_id, output_id, input_quantity, output_quantity, and with ``facts``
        precision, event_time, biz_step.
        """
        parts = [part for side in self.sides for part in self._links(side, facts=facts)]
        # Only where both directions are asked can one link be found twice.
        return (" UNION " if len(self.sides) > 1 else " UNION ALL ").join(parts)

    def events(self) -> str:
        """Return the ids of events that belong to the answer: what its facts hang on.

        Backward those that made its lots, forward those that used them, and those that looked at
        them; of a unit also those that looked at the lot it belongs to.
        """
        batches = f"SELECT DISTINCT l.batch_id FROM reach r {LOTS} WHERE l.batch_id IS NOT NULL"
        parts = [
            _LINES.format(near="reach r", line="subject"),
            _LINES.format(near=f"({batches}) r (lot_id)", line="subject"),
        ]
        for side in self.sides:
            line, test = ("input", ">=") if side is Direction.FORWARD else ("output", "<=")
            where = f" WHERE r.level {test} 0" if len(self.sides) > 1 else ""
            parts.append(_LINES.format(near="reach r", line=line) + where)
        return " UNION ".join(parts)

    def _void(self) -> str:
        return f"void AS MATERIALIZED ({VOID_SQL})"

    def _walk(self, side: Direction) -> str:
        forward = side is Direction.FORWARD
        step = (_FORWARD if forward else _BACKWARD).format(**self._dated("i" if forward else "o"))
        return _WALK.format(name=f"{side}_walk", step=step)

    def _rows(self, side: Direction) -> str:
        sign = "" if side is Direction.FORWARD else "-"
        return f"SELECT unnest(front), {sign}level FROM {side}_walk"

    def _dated(self, events: str) -> dict[str, str]:
        if not self.dated:
            return {"known": "", "member": ""}
        return {"known": _KNOWN.format(events=events), "member": "AND u.created_at <= %(at)s"}

    def _links(self, side: Direction, *, facts: bool) -> tuple[str, str]:
        forward = side is Direction.FORWARD
        a, b = ("i", "o") if forward else ("o", "i")
        names = {"i": "input", "o": "output"}
        near = "reach"
        if len(self.sides) > 1:
            near = f"(SELECT lot_id FROM reach WHERE level {'>=' if forward else '<='} 0)"
        end = "k.output_id" if forward else "k.input_id"
        far = f"JOIN {near} t ON t.lot_id = {end}" if self.bounded else ""
        known = self._dated(a)["known"] or (_EVENT.format(events=a) if facts else "")
        events = _LINKS.format(
            near=near, a=a, b=b, first=names[a], second=names[b],
            known=known, far=far, facts=_FACTS if facts else "",
        )  # fmt: skip
        on = "u.batch_id = r.lot_id" if forward else "u.id = r.lot_id AND u.batch_id IS NOT NULL"
        members = _MEMBERS.format(
            near=near, on=on, member=self._dated(a)["member"], far=far,
            facts=_NO_FACTS if facts else "",
        )  # fmt: skip
        return events, members
