"""The walk, in SQL: level by level, every lot once, however the links run.

One statement. Each row of the recursive part is a whole level as an array, with everything seen so
far, so cycles end by themselves and the level of a lot is its shortest distance from the start.
Parameters: ``start`` (array), ``depth`` (levels to walk), ``at`` (as known at, or null).

A lot of serial-numbered units has two faces. What is recorded of the lot as made holds for each of
its units; what is recorded of the lot as used may concern each of them. So forward from a lot come
its units, and from a unit comes its lot, but only *in part*: where the lot as such was used goes on
from it, its other units do not. Backward the same, mirrored. In the arrays a lot in part is its
negative id; in the answer it is a row whose ``whole`` is false.
"""

# Statements are put together from constants; every value is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass

from traceability.trace.answer import Direction
from traceability.trace.void import VOID_SQL

_STEP = """
    SELECT {b}.lot_id FROM traceability_event{first} {a}
    JOIN traceability_event{second} {b} ON {b}.event_id = {a}.event_id {known}
    WHERE {a}.lot_id = abs(f.lot_id) AND {a}.event_id NOT IN (SELECT id FROM void)
    UNION ALL
    SELECT u.id FROM traceability_lot u WHERE u.batch_id = f.lot_id {member}
    UNION ALL
    SELECT -u.batch_id FROM traceability_lot u
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

_UNITS = """
    SELECT NULL::bigint, {ends}, NULL::numeric, NULL::numeric {facts}
    FROM {near} r CROSS JOIN LATERAL (
        SELECT u.id, u.batch_id FROM traceability_lot u
        WHERE u.batch_id = r.lot_id AND r.whole {member} OFFSET 0) u {far}"""

_IN_PART = """
    SELECT NULL::bigint, {ends}, NULL::numeric, NULL::numeric {facts}
    FROM {near} r CROSS JOIN LATERAL (
        SELECT u.id, u.batch_id FROM traceability_lot u
        WHERE u.id = r.lot_id AND u.batch_id IS NOT NULL AND r.whole OFFSET 0) u
    JOIN {near} t ON t.lot_id = u.batch_id AND NOT t.whole"""

_LINES = """
    SELECT x.event_id FROM reach r CROSS JOIN LATERAL (
        SELECT event_id FROM traceability_event{line} y WHERE y.lot_id = r.lot_id OFFSET 0) x"""

_KNOWN = "JOIN traceability_traceevent e ON e.id = {events}.event_id AND e.record_time <= %(at)s"
_EVENT = "JOIN traceability_traceevent e ON e.id = {events}.event_id"
_FACTS = ", e.precision, e.event_time, e.biz_step"
_NO_FACTS = ", 'lot', NULL::timestamptz, ''"

# Moving a lot about says nothing of what became of another part of it.
MOVES = "('picking', 'storing', 'stocking', 'packing', 'staging_outbound', 'shipping')"

_NOT_OF_OTHERS = """(r.whole OR NOT EXISTS (
        SELECT 1 FROM traceability_eventoutput o JOIN traceability_lot u ON u.id = o.lot_id
        WHERE o.event_id = x.event_id AND u.batch_id = r.lot_id))"""

LOTS = """CROSS JOIN LATERAL (
        SELECT id, number, kind, state, item_id, batch_id, site_id FROM traceability_lot x
        WHERE x.id = r.lot_id OFFSET 0) l"""
"""The lots of ``reach r``, one probe each."""

EVENT = """CROSS JOIN LATERAL (
        SELECT site_id, record_time, biz_step FROM traceability_traceevent y
        WHERE y.id = x.event_id OFFSET 0) e"""
"""The events of ``x``, one probe each: joined plainly, all events of the house are read."""


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
        """Return the statement's beginning: ``void`` and ``walked (lot_id, level)``, unfiltered.

        Levels are below zero backward; ids are below zero for a lot in part.
        """
        walks = ", ".join(self._walk(side) for side in self.sides)
        rows = " UNION ".join(self._rows(side) for side in self.sides)
        return f"WITH RECURSIVE {self.void()}, {walks}, walked (lot_id, level) AS ({rows})"

    def given(self) -> str:
        """Return the beginning for lots already known, given as arrays: ``reach``."""
        rows = "SELECT * FROM unnest(%(lots)s::bigint[], %(levels)s::int[], %(wholes)s::bool[])"
        return f"WITH {self.void()}, reach (lot_id, level, whole) AS MATERIALIZED ({rows})"

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
        # As near on both sides stand only a lot's own units and a unit's own lot (in part): units
        # are shown where goods flow to, the lot a unit belongs to where they come from.
        side = "CASE WHEN whole THEN -level ELSE level END"
        return (
            f"(SELECT lot_id, (array_agg(level ORDER BY abs(level), {side}))[1] AS level,"
            " bool_or(whole) AS whole FROM reach GROUP BY lot_id)"
        )

    def links(self, *, facts: bool = False, members: bool = True) -> str:
        """Return the rows of links among the lots of ``reach``.

        Columns: event_id, input_id, output_id, input_quantity, output_quantity, and with ``facts``
        precision, event_time, biz_step. ``members``: those between units and their lot, too.
        """
        parts = [self._links(side, facts=facts) for side in self.sides]
        if members:
            parts += [part for side in self.sides for part in self._members(side, facts=facts)]
        # Only where both directions are asked can one link be found twice.
        return (" UNION " if len(self.sides) > 1 else " UNION ALL ").join(parts)

    def events(self) -> str:
        """Return the ids of events that belong to the answer: what its facts hang on.

        Backward those that made its lots, forward those that used them, and those that looked at
        them. Backward, moving a lot about is left out: it went to others as well. So is, of a lot
        that is in it in part, the making of units that are not.
        """
        looked = f"{_LINES.format(line='subject')} {EVENT} WHERE {_NOT_OF_OTHERS}"
        if Direction.BACKWARD in self.sides:
            looked += f" AND (r.level >= 0 OR e.biz_step NOT IN {MOVES})"
        parts = [looked]
        for side in self.sides:
            line, test = ("input", ">=") if side is Direction.FORWARD else ("output", "<=")
            where = f" WHERE r.level {test} 0" if len(self.sides) > 1 else ""
            parts.append(_LINES.format(line=line) + where)
        return " UNION ".join(parts)

    def void(self) -> str:
        return f"void AS MATERIALIZED ({VOID_SQL})"

    def _walk(self, side: Direction) -> str:
        return _WALK.format(name=f"{side}_walk", step=_STEP.format(**self._words(side)))

    def _rows(self, side: Direction) -> str:
        sign = "" if side is Direction.FORWARD else "-"
        return f"SELECT unnest(front), {sign}level FROM {side}_walk"

    def _words(self, side: Direction) -> dict[str, str]:
        forward = side is Direction.FORWARD
        words = {"a": "i", "first": "input", "b": "o", "second": "output"}
        if not forward:
            words = {"a": "o", "first": "output", "b": "i", "second": "input"}
        known = _KNOWN.format(events=words["a"]) if self.dated else ""
        return {
            **words,
            "known": known,
            "member": "AND u.created_at <= %(at)s" if self.dated else "",
        }

    def _near(self, side: Direction) -> str:
        if len(self.sides) == 1:
            return "reach"
        test = ">=" if side is Direction.FORWARD else "<="
        return f"(SELECT lot_id, whole FROM reach WHERE level {test} 0)"

    def _far(self, side: Direction, end: str) -> str:
        return f"JOIN {self._near(side)} t ON t.lot_id = {end}" if self.bounded else ""

    def _links(self, side: Direction, *, facts: bool) -> str:
        words = self._words(side)
        if facts and not self.dated:
            words["known"] = _EVENT.format(events=words["a"])
        end = "k.output_id" if side is Direction.FORWARD else "k.input_id"
        far, near = self._far(side, end), self._near(side)
        return _LINKS.format(**words, near=near, far=far, facts=_FACTS if facts else "")

    def _members(self, side: Direction, *, facts: bool) -> tuple[str, str]:
        """Return lot → unit and unit → lot in part; backward the other way round.

        Asked both ways the two are one fact, told once: lot → unit.
        """
        down, up = "u.batch_id, u.id", "u.id, u.batch_id"
        if len(self.sides) > 1:
            up = down
        elif side is Direction.BACKWARD:
            down, up = up, down
        more = {"near": self._near(side), "facts": _NO_FACTS if facts else ""}
        member = self._words(side)["member"]
        units = _UNITS.format(**more, ends=down, member=member, far=self._far(side, "u.id"))
        return units, _IN_PART.format(**more, ends=up)
