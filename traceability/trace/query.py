"""The one query object of the trace: every page, API, export and recall asks through it."""

# Statements are put together from constants; every value is a parameter.
# ruff: noqa: S608

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.statements import written_out
from traceability.ids import IdSet, id_array
from traceability.models import Lot
from traceability.origins import FACETS, MARKS
from traceability.trace.answer import (
    Answer,
    Counts,
    Direction,
    Gap,
    Group,
    Link,
    Node,
    Section,
)
from traceability.trace.sql import EVENT, LOTS, Shape
from traceability.trace.start import Start

UNLIMITED = 2**31 - 2
CHUNK = 10_000

_NODE = """
    SELECT r.lot_id, r.level, l.number, l.kind, l.state, l.item_id, m.code, m.name, m.kind,
           l.batch_id, s.code, r.whole
    FROM {nodes} r {lots}
    JOIN masterdata_item m ON m.id = l.item_id JOIN accounts_site s ON s.id = l.site_id"""

_LINK = "{known} SELECT * FROM ({links}) k"

_GROUPS = """
    SELECT r.level, m.id, m.code, m.name, m.kind, l.kind, l.state, count(*)
    FROM {nodes} r {lots} JOIN masterdata_item m ON m.id = l.item_id
    GROUP BY r.level, m.id, l.kind, l.state ORDER BY r.level, m.code, l.kind, l.state"""


@dataclass(frozen=True)
class Filter:
    """What of the answer's lots is wanted."""

    item_id: int | None = None
    kind: str = ""
    state: str = ""
    level: int | None = None
    search: str = ""
    among: IdSet | None = None

    def sql(self) -> tuple[str, dict[str, Any]]:
        """Return the condition and its parameters."""
        values = {
            "l.item_id = %(f_item)s": ("f_item", self.item_id),
            "l.kind = %(f_kind)s": ("f_kind", self.kind or None),
            "l.state = %(f_state)s": ("f_state", self.state or None),
            "r.level = %(f_level)s": ("f_level", self.level),
            "strpos(lower(l.number), lower(%(f_search)s)) > 0": ("f_search", self.search or None),
            "l.id = ANY(%(f_among)s::bigint[])": ("f_among", self._among),
        }
        used = {test: pair for test, pair in values.items() if pair[1] is not None}
        return " AND ".join(used) or "true", dict(used.values())

    @property
    def _among(self) -> str | None:
        return None if self.among is None else self.among.literal


@dataclass(frozen=True)
class Reach:
    """The lots of an answer with their levels, kept compact; and what is not shown."""

    lots: array[int]
    levels: array[int]
    wholes: array[int]
    hidden: int
    beyond: int

    @cached_property
    def ids(self) -> IdSet:
        """Return the lots as a set that goes into SQL as one array."""
        return IdSet(dict.fromkeys(self.lots))

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Return the rows of ``reach`` as PostgreSQL arrays."""
        return _arrays(self.lots, self.levels, self.wholes)


@dataclass(frozen=True)
class Trace:
    """A question: from these lots, in this direction, as this person may see it.

    ``as_known_at`` leaves out what was recorded later; ``depth`` limits the links walked. Nothing
    is cut in silence: :attr:`complete` and :attr:`gaps` say what is missing. The walk runs once, at
    the first need, and its result is kept for the life of the object.
    """

    start: Start
    direction: Direction
    actor: Actor
    as_known_at: dt.datetime | None = None
    depth: int | None = None
    void_too: bool = False
    """Walk events declared not to have happened, too: only to say why a lot is not in an answer."""

    # What is in the answer

    @cached_property
    def reach(self) -> Reach:
        """Walk, and return the lots that may be shown."""
        seen = self.shape.seen("abs(lot_id)")
        rows = self.rows(f"{self.shape.walked()} SELECT lot_id, level, {seen} FROM walked")
        if self.shape.bounded or len(self.shape.sides) > 1 or any(row[0] < 0 for row in rows):
            return self._sorted_out(rows)
        lots, levels, _seen = zip(*rows, strict=True) if rows else ((), (), ())
        return Reach(array("q", lots), array("l", levels), array("b", [1]) * len(rows), 0, 0)

    def _sorted_out(self, rows: list[tuple[Any, ...]]) -> Reach:
        """Return each lot once on each side of the start, without what is hidden or too far."""
        limit = UNLIMITED if self.depth is None else self.depth
        nearest: dict[tuple[int, int], tuple[int, bool]] = {}
        hidden, beyond = set(), set()
        for key, level, seen in sorted(rows, key=lambda row: abs(row[1])):
            lot_id, side = abs(key), (level > 0) - (level < 0)
            if not seen:
                hidden.add(lot_id)
            if not seen or (lot_id, 0) in nearest:
                continue
            if abs(level) > limit:
                beyond.add(lot_id)
                continue
            known = nearest.get((lot_id, side), (level, False))
            nearest[lot_id, side] = (known[0], known[1] or key > 0)
        lots = array("q", (lot_id for lot_id, _side in nearest))
        levels = array("l", (level for level, _whole in nearest.values()))
        wholes = array("b", (whole for _level, whole in nearest.values()))
        return Reach(lots, levels, wholes, len(hidden), len(beyond.difference(lots)))

    @cached_property
    def gaps(self) -> Sequence[Gap]:
        """Return why the answer is not complete; empty when it is."""
        reach, gaps = self.reach, []
        if reach.hidden:
            said = _("more at sites you do not see")
            gaps.append(Gap("hidden", said, reach.hidden))
        if reach.beyond:
            said = _("or more lots lie beyond the depth asked for")
            gaps.append(Gap("depth", said, reach.beyond))
        if self.hidden_events:
            said = _("events at sites you do not see, whose facts are left out")
            gaps.append(Gap("events", said, self.hidden_events))
        return gaps

    @property
    def complete(self) -> bool:
        """Tell whether nothing that belongs to the answer is missing from it."""
        return not self.gaps

    def nodes(
        self, *, where: Filter | None = None, limit: int | None = None, after: int = 0
    ) -> list[Node]:
        """Return lots in reading order (level, item, number); ``after`` skips that many."""
        test, values = (where or Filter()).sql()
        statement = (
            f"{self.known_sql()} {_NODE.format(nodes=self.shape.nodes, lots=LOTS)} WHERE {test}"
            " ORDER BY r.level, m.code, l.number, l.id LIMIT %(limit)s OFFSET %(after)s"
        )
        return self._marked(self.rows(statement, **values, limit=limit, after=after), self.marks)

    def count(self, where: Filter) -> int:
        """Return how many lots fit a filter."""
        test, values = where.sql()
        statement = (
            f"{self.known_sql()} SELECT count(*) FROM {self.shape.nodes} r"
            f" JOIN traceability_lot l ON l.id = r.lot_id WHERE {test}"
        )
        return int(self.rows(statement, **values)[0][0])

    def named(self, lot_ids: Collection[int]) -> dict[int, Node]:
        """Return the given lots as nodes, those the actor may see; levels are 0."""
        ids = _arrays(lot_ids, [0] * len(lot_ids), [1] * len(lot_ids))
        nodes = _NODE.format(nodes="reach", lots=LOTS)
        statement = f"{self.shape.given()} {nodes} WHERE {self.shape.seen('l.id')}"
        rows = self.rows(statement, **ids)
        marks = _borne(IdSet(row[0] for row in rows))
        return {node.lot_id: node for node in self._marked(rows, marks)}

    def links(
        self, *, among: Collection[int] | None = None, limit: int | None = None
    ) -> list[Link]:
        """Return the links, in no order; ``among`` keeps those whose two ends are of these lots."""
        test = "true"
        values: dict[str, Any] = {"limit": limit}
        if among is not None:
            test = "input_id = ANY(%(among)s::bigint[]) AND output_id = ANY(%(among)s::bigint[])"
            values["among"] = id_array(among)
        statement = f"{self._link_sql()} WHERE {test} LIMIT %(limit)s"
        return [Link._make(row) for row in self.rows(statement, **values)]

    def link_page(self, *, limit: int, after: int = 0) -> list[Link]:
        """Return links in the order they happened; ``after`` skips that many."""
        statement = (
            f"{self._link_sql()}"
            " ORDER BY k.event_time, k.event_id, k.input_id, k.output_id"
            " LIMIT %(limit)s OFFSET %(after)s"
        )
        return [Link._make(row) for row in self.rows(statement, limit=limit, after=after)]

    def answer(self) -> Answer:
        """Return the whole answer in memory, in three statements."""
        statement = f"{self.known_sql()} {_NODE.format(nodes=self.shape.nodes, lots=LOTS)}"
        nodes = self._marked(self.rows(statement), self.marks)
        return Answer(nodes, self.links(), self.complete, self.gaps)

    # Streams: memory does not grow with the answer's details

    def stream_nodes(self, *, ordered: bool = False) -> Iterator[Node]:
        """Yield every lot, from a cursor on the server; ``ordered`` by id, so that it repeats."""
        statement = f"{self.known_sql()} {_NODE.format(nodes=self.shape.nodes, lots=LOTS)}"
        statement += " ORDER BY r.lot_id" if ordered else ""
        for rows in self._chunks(statement):
            yield from self._marked(rows, self.marks)

    def stream_links(self, *, ordered: bool = False) -> Iterator[Link]:
        """Yield every link, from a cursor on the server; ``ordered`` by event and lots."""
        order = " ORDER BY k.event_id, k.input_id, k.output_id" if ordered else ""
        for rows in self._chunks(self._link_sql() + order):
            yield from map(Link._make, rows)

    # Sums

    @cached_property
    def groups(self) -> Sequence[Group]:
        """Return the lots counted by level, item, kind and state."""
        statement = f"{self.known_sql()} {_GROUPS.format(nodes=self.shape.nodes, lots=LOTS)}"
        return [Group._make(row) for row in self.rows(statement)]

    @cached_property
    def counts(self) -> Counts:
        """Return the size of the answer."""
        links, events = self.rows(
            f"{self.known_sql()} SELECT count(*), count(DISTINCT event_id)"
            f" FROM ({self.shape.links()}) k"
        )[0]
        return Counts(
            lots=sum(g.size for g in self.groups if g.kind == Lot.Kind.LOT),
            units=sum(g.size for g in self.groups if g.kind == Lot.Kind.SERIAL),
            items=len({g.item_id for g in self.groups}),
            links=links,
            events=events,
            levels=max((abs(g.level) for g in self.groups), default=0),
        )

    # Facts beside the lots

    @cached_property
    def event_ids(self) -> IdSet:
        """Return the events whose facts belong to the answer and may be seen."""
        return self._events[0]

    @cached_property
    def hidden_events(self) -> int:
        """Return how many events of the answer happened at sites the actor may not see."""
        return 0 if self.actor.sees_everything else self._events[1]

    @cached_property
    def _events(self) -> tuple[IdSet, int]:
        sites = [s for s in self.actor.read_sites if s is not None]
        tests = ["x.event_id NOT IN (SELECT id FROM void)"]
        seen, event = "true", ""
        if not self.actor.sees_everything:
            seen, event = "e.site_id = ANY(%(sites)s::bigint[])", EVENT
        if self.as_known_at:
            tests.append("e.record_time <= %(at)s")
            event = EVENT
        statement = (
            f"{self.known_sql()} SELECT x.event_id, {seen} FROM ({self.shape.events()}) x {event}"
            f" WHERE {' AND '.join(tests)}"
        )
        rows = self.rows(statement, sites=id_array(sites))
        return IdSet(pk for pk, shown in rows if shown), sum(1 for _pk, shown in rows if not shown)

    def facets(self) -> list[Section]:
        """Return the facts beside the lots, section by section; empty sections are left out."""
        lots, events = self.reach.ids, self.event_ids
        sides = self.shape.sides
        asked = (
            f
            for f in sorted(FACETS.values(), key=lambda f: (f.order, f.code))
            if (f.backward and Direction.BACKWARD in sides)
            or (f.forward and Direction.FORWARD in sides)
        )
        made = (Section(f.code, f.title, f.side, list(f.rows(events, lots))) for f in asked)
        return [section for section in made if section.rows]

    # How the statements are run

    def turned(self, direction: Direction, *lot_ids: int, **other: Any) -> Trace:
        """Return the same question from other lots in another direction, without depth."""
        return replace(self, start=Start.lots(*lot_ids), direction=direction, depth=None, **other)

    def distances(self) -> dict[int, int]:
        """Return every lot walked with its distance from the start, what is hidden included."""
        rows = self.rows(f"{self.shape.walked()} SELECT abs(lot_id), abs(level) FROM walked")
        found: dict[int, int] = {}
        for lot_id, distance in rows:
            found[lot_id] = min(distance, found.get(lot_id, distance))
        return found

    def event_links(self, lot_ids: Collection[int]) -> list[Link]:
        """Return the links by events among these lots, whoever may see them."""
        shape = replace(self.shape, deep=True)
        links = _LINK.format(known=shape.given(), links=shape.links(facts=True, members=False))
        given = _arrays(lot_ids, [0] * len(lot_ids), [1] * len(lot_ids))
        return [Link._make(row) for row in self.rows(links, **given)]

    @cached_property
    def shape(self) -> Shape:
        """Return how the statements of this question are written."""
        visible = ""
        if not self.actor.sees_everything:
            query = Lot.objects.visible_to(self.actor).order_by().values("pk").query
            visible = written_out(*query.sql_with_params()).replace("%", "%%")
        return Shape(self.direction, self.as_known_at is not None, visible, self.depth is not None)

    def known_sql(self) -> str:
        """Return the beginning of a statement over the lots walked; walks if need be."""
        _walked = self.reach
        return self.shape.given()

    def _link_sql(self) -> str:
        return _LINK.format(known=self.known_sql(), links=self.shape.links(facts=True))

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a statement made of this trace's parts."""
        with connection.cursor() as cursor:
            cursor.execute(statement, self._parameters(values))
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def execute(self, statement: str, **values: Any) -> None:
        """Run a statement over the lots walked that returns no rows (copying them elsewhere)."""
        known = self.known_sql()
        with connection.cursor() as cursor:
            cursor.execute(f"{known} {statement}", self._parameters(values))

    def literal(self, statement: str) -> str:
        """Return a statement over the lots walked with all its values in it, as part of another."""
        return written_out(f"{self.known_sql()} {statement}", self._parameters({}))

    def _chunks(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(statement, self._parameters({}))
            while rows := cursor.fetchmany(CHUNK):
                yield rows

    def _parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        depth = UNLIMITED if self.depth is None else self.depth + 1
        asked = {
            "start": id_array(self.start.lot_ids),
            "depth": depth,
            "shown": self.depth,
            "at": self.as_known_at,
            "void_too": self.void_too,
        }
        known = self.__dict__.get("reach")
        return {**asked, **(known.parameters if known else {}), **values}

    @cached_property
    def marks(self) -> Mapping[str, Collection[int]]:
        """Return the lots of the answer that bear each warning; a warning on none is left out."""
        return _borne(self.reach.ids)

    def _marked(
        self, rows: Sequence[tuple[Any, ...]], marks: Mapping[str, Collection[int]]
    ) -> list[Node]:
        """Return rows as nodes, with the warnings that lie on their lots."""
        if not marks:
            return [Node._make((*row, ())) for row in rows]
        return [
            Node._make((*row, tuple(c for c, lots in marks.items() if row[0] in lots)))
            for row in rows
        ]


def _borne(lot_ids: IdSet) -> Mapping[str, Collection[int]]:
    borne = ((code, frozenset(mark.lots(lot_ids))) for code, mark in MARKS.items())
    return {code: lots for code, lots in borne if lots}


def _arrays(lots: Iterable[int], levels: Iterable[int], wholes: Iterable[int]) -> dict[str, str]:
    return {"lots": id_array(lots), "levels": id_array(levels), "wholes": id_array(wholes)}
