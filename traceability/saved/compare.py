"""What changed between two answers: lots and links that came in or left, each with its reason.

Either side is a saved trace or a question asked as known at some moment. The comparison is one
statement inside the database, whatever the size of the answers: rows are read in pages or from a
cursor, never all at once.
"""

# Statements are put together from constants and from statements whose values the driver put in.
# ruff: noqa: S608

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from erp.core import clock
from erp.core.actor import Actor
from erp.core.errors import Text
from erp.core.statements import written_out
from traceability.models import Lot
from traceability.saved.models import SavedTrace
from traceability.trace.query import Trace
from traceability.trace.void import VOID_SQL

CHUNK = 5_000


class Change(StrEnum):
    """What became of a lot or a link from the earlier answer to the later one."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


CHANGES: dict[Change, Text] = {
    Change.ADDED: _("came in"),
    Change.REMOVED: _("no longer in"),
    Change.MOVED: _("at another distance"),
}


class Why(StrEnum):
    """Why something changed."""

    RECORDED = "recorded"
    VOIDED = "voided"
    FOLLOWS = "follows"
    NEARER = "nearer"
    UNSEEN = "unseen"


REASONS: dict[Why, Text] = {
    Why.RECORDED: _("recorded afterwards"),
    Why.VOIDED: _("its event was declared not to have happened"),
    Why.FOLLOWS: _("follows from another change"),
    Why.NEARER: _("there is another way to it now"),
    Why.UNSEEN: _("left out of one of the two: not visible, too far away, or asked differently"),
}


@dataclass(frozen=True)
class Side:
    """One of the two answers: what it is called, when it was known, and its rows as SQL.

    ``lots`` gives (lot_id, level), ``links`` (event_id, input_id, output_id).
    """

    label: Text
    known_at: dt.datetime
    lots: str
    links: str
    complete: bool
    saved: SavedTrace | None = None


def live(trace: Trace, label: Text) -> Side:
    """Return a question as it is answered for this person, as known at its moment."""
    nodes = f"SELECT r.lot_id, r.level FROM {trace.shape.nodes} r"
    links = f"SELECT k.event_id, k.input_id, k.output_id FROM ({trace.shape.links()}) k"
    return Side(
        label=label,
        known_at=trace.as_known_at or clock.now(),
        lots=trace.literal(nodes),
        links=trace.literal(links),
        complete=trace.complete,
    )


def kept(saved: SavedTrace, actor: Actor) -> Side:
    """Return a saved trace, without lots that the person who looks may no longer see."""
    pk = int(saved.pk)
    seen = "true"
    if not actor.sees_everything:
        query = Lot.objects.visible_to(actor).order_by().values("pk").query
        seen = f"s.lot_id IN ({written_out(*query.sql_with_params())})"
    lots = f"SELECT s.lot_id, s.level FROM traceability_savedtracelot s WHERE {seen}"
    return Side(
        label=saved.number,
        known_at=saved.known_at,
        lots=f"{lots} AND s.saved_id = {pk}",
        links="SELECT event_id, input_lot_id, output_lot_id FROM traceability_savedtracelink"
        f" WHERE saved_id = {pk}",
        complete=saved.complete,
        saved=saved,
    )


class LotChange(NamedTuple):
    """A lot that is in only one of the answers, or at another distance, and why."""

    change: str
    lot_id: int
    number: str
    item: str
    name: str
    kind: str
    site: str
    level: int
    level_before: int | None
    reason: str
    event_id: int | None
    near: str | None
    happened: dt.datetime | None
    recorded: dt.datetime | None


class LinkChange(NamedTuple):
    """A link that is in only one of the answers, and why."""

    change: str
    event_id: int | None
    input_id: int
    input: str
    output_id: int
    output: str
    reason: str
    by_event: int | None
    happened: dt.datetime | None
    recorded: dt.datetime | None


class Sums(NamedTuple):
    """How many lots and links changed, and how many did not."""

    lots_added: int
    lots_removed: int
    lots_moved: int
    lots_same: int
    links_added: int
    links_removed: int
    links_same: int

    @property
    def changed(self) -> bool:
        """Tell whether anything is different."""
        return bool(
            self.lots_added
            or self.lots_removed
            or self.lots_moved
            or self.links_added
            or self.links_removed
        )


_SIDES = """
    WITH la (lot_id, level) AS MATERIALIZED ({a_lots}),
    lb (lot_id, level) AS MATERIALIZED ({b_lots}),
    ka (event_id, input_id, output_id) AS MATERIALIZED ({a_links}),
    kb (event_id, input_id, output_id) AS MATERIALIZED ({b_links}),
    new_link AS MATERIALIZED (SELECT * FROM kb EXCEPT SELECT * FROM ka),
    old_link AS MATERIALIZED (SELECT * FROM ka EXCEPT SELECT * FROM kb)"""

# The end of a link that lies nearer to the start is what the link follows from.
_REASONED = """
    , added_link AS MATERIALIZED (
        SELECT k.*, CASE WHEN abs(i.level) <= abs(o.level) THEN i.lot_id ELSE o.lot_id END AS near,
               CASE WHEN abs(i.level) <= abs(o.level) THEN o.lot_id ELSE i.lot_id END AS far,
               CASE WHEN e.record_time > %(a_at)s THEN 'recorded'
                    WHEN k.event_id IS NULL AND EXISTS (
                        SELECT FROM traceability_lot u WHERE u.id IN (k.input_id, k.output_id)
                        AND u.kind = 'serial' AND u.created_at > %(a_at)s) THEN 'recorded'
                    WHEN NOT EXISTS (SELECT FROM la WHERE la.lot_id = CASE
                        WHEN abs(i.level) <= abs(o.level) THEN i.lot_id ELSE o.lot_id END)
                    THEN 'follows' ELSE 'unseen' END AS reason
        FROM new_link k JOIN lb i ON i.lot_id = k.input_id JOIN lb o ON o.lot_id = k.output_id
        LEFT JOIN traceability_traceevent e ON e.id = k.event_id),
    voided AS MATERIALIZED ({void}),
    removed_link AS MATERIALIZED (
        SELECT k.*, CASE WHEN abs(i.level) <= abs(o.level) THEN i.lot_id ELSE o.lot_id END AS near,
               CASE WHEN abs(i.level) <= abs(o.level) THEN o.lot_id ELSE i.lot_id END AS far,
               CASE WHEN k.event_id IN (SELECT id FROM voided) THEN 'voided'
                    WHEN NOT EXISTS (SELECT FROM lb WHERE lb.lot_id = CASE
                        WHEN abs(i.level) <= abs(o.level) THEN i.lot_id ELSE o.lot_id END)
                    THEN 'follows' ELSE 'unseen' END AS reason
        FROM old_link k JOIN la i ON i.lot_id = k.input_id JOIN la o ON o.lot_id = k.output_id)"""

_RANK = "array_position(ARRAY['recorded', 'voided', 'follows', 'unseen'], k.reason)"

_LOTS = f"""
    , change AS (
        SELECT 'added' AS change, b.lot_id, b.level, NULL::int AS before FROM lb b
        WHERE NOT EXISTS (SELECT FROM la WHERE la.lot_id = b.lot_id)
        UNION ALL
        SELECT 'removed', a.lot_id, a.level, NULL FROM la a
        WHERE NOT EXISTS (SELECT FROM lb WHERE lb.lot_id = a.lot_id)
        UNION ALL
        SELECT 'moved', b.lot_id, b.level, a.level FROM lb b JOIN la a ON a.lot_id = b.lot_id
        WHERE a.level <> b.level),
    why AS (
        SELECT DISTINCT ON (far, change) far, change, reason, event_id, near FROM (
            SELECT k.far, 'added' AS change, k.reason, k.event_id, k.near, {_RANK} AS rank
            FROM added_link k
            UNION ALL
            SELECT k.far, 'removed', k.reason, k.event_id, k.near, {_RANK} FROM removed_link k) k
        ORDER BY far, change, rank, event_id NULLS LAST, near)
    SELECT c.change, l.id, l.number, m.code, m.name, l.kind, s.code, c.level, c.before,
           CASE WHEN w.reason IS NOT NULL THEN w.reason
                WHEN c.change = 'moved' THEN 'nearer' ELSE 'unseen' END,
           w.event_id, n.number, e.event_time, e.record_time
    FROM change c JOIN traceability_lot l ON l.id = c.lot_id
    JOIN masterdata_item m ON m.id = l.item_id JOIN accounts_site s ON s.id = l.site_id
    LEFT JOIN why w ON w.far = c.lot_id
        AND w.change = CASE c.change WHEN 'removed' THEN 'removed' ELSE 'added' END
    LEFT JOIN traceability_traceevent e ON e.id = w.event_id
    LEFT JOIN traceability_lot n ON n.id = w.near
    ORDER BY array_position(ARRAY['added', 'removed', 'moved'], c.change), abs(c.level), l.number,
             l.id
    LIMIT %(limit)s OFFSET %(after)s"""

_LINKS = """
    SELECT c.change, c.event_id, i.id, i.number, o.id, o.number, c.reason,
           CASE c.reason WHEN 'voided' THEN (
               SELECT max(x.id) FROM traceability_traceevent x WHERE x.corrects_id = c.event_id)
           ELSE c.event_id END, e.event_time,
           CASE c.reason WHEN 'voided' THEN (
               SELECT max(x.record_time) FROM traceability_traceevent x
               WHERE x.corrects_id = c.event_id) ELSE e.record_time END
    FROM (SELECT 'added' AS change, k.* FROM added_link k
          UNION ALL SELECT 'removed', k.* FROM removed_link k) c
    JOIN traceability_lot i ON i.id = c.input_id JOIN traceability_lot o ON o.id = c.output_id
    LEFT JOIN traceability_traceevent e ON e.id = c.event_id
    ORDER BY c.change, e.record_time NULLS LAST, c.event_id, i.number, o.number
    LIMIT %(limit)s OFFSET %(after)s"""

_SUMS = """
    SELECT (SELECT count(*) FROM lb WHERE NOT EXISTS (
               SELECT FROM la WHERE la.lot_id = lb.lot_id)),
           (SELECT count(*) FROM la WHERE NOT EXISTS (
               SELECT FROM lb WHERE lb.lot_id = la.lot_id)),
           (SELECT count(*) FROM la JOIN lb USING (lot_id) WHERE la.level <> lb.level),
           (SELECT count(*) FROM la JOIN lb USING (lot_id) WHERE la.level = lb.level),
           (SELECT count(*) FROM new_link), (SELECT count(*) FROM old_link),
           (SELECT count(*) FROM kb) - (SELECT count(*) FROM new_link)"""


@dataclass(frozen=True)
class Comparison:
    """Two answers beside each other; ``a`` is the one known earlier."""

    a: Side
    b: Side

    @classmethod
    def of(cls, one: Side, other: Side) -> Comparison:
        """Return the comparison in the order of knowledge, whichever was named first."""
        first, second = sorted((one, other), key=lambda side: side.known_at)
        return cls(first, second)

    @cached_property
    def sums(self) -> Sums:
        """Return how much changed."""
        with connection.cursor() as cursor:
            cursor.execute(self._statement(_SUMS))
            return Sums._make(cursor.fetchone())

    def lots(self, *, limit: int | None = None, after: int = 0) -> list[LotChange]:
        """Return the lots that changed, those that came in first; ``after`` skips that many."""
        with connection.cursor() as cursor:
            cursor.execute(self._reasoned(_LOTS, limit, after))
            return [LotChange._make(row) for row in cursor.fetchall()]

    def links(self, *, limit: int | None = None, after: int = 0) -> list[LinkChange]:
        """Return the links that changed, in the order they were recorded."""
        with connection.cursor() as cursor:
            cursor.execute(self._reasoned(_LINKS, limit, after))
            return [LinkChange._make(row) for row in cursor.fetchall()]

    def stream_lots(self) -> Iterator[LotChange]:
        """Yield every lot that changed, from a cursor on the server."""
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(self._reasoned(_LOTS, None, 0))
            while rows := cursor.fetchmany(CHUNK):
                yield from map(LotChange._make, rows)

    def stream_links(self) -> Iterator[LinkChange]:
        """Yield every link that changed, from a cursor on the server."""
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(self._reasoned(_LINKS, None, 0))
            while rows := cursor.fetchmany(CHUNK):
                yield from map(LinkChange._make, rows)

    def _statement(self, rest: str) -> str:
        sides = {
            "a_lots": self.a.lots,
            "b_lots": self.b.lots,
            "a_links": self.a.links,
            "b_links": self.b.links,
        }
        return _SIDES.format(**sides) + rest

    def _reasoned(self, rest: str, limit: int | None, after: int) -> str:
        """Return a statement with the reasons; its values are put in, so that the sides' stay."""
        values = {
            "a_at": self.a.known_at,
            "at": self.b.known_at,
            "void_too": False,
            "limit": limit,
            "after": after,
        }
        reasoned = _REASONED.format(void=VOID_SQL)
        return self._statement("") + written_out(reasoned + rest, values)
