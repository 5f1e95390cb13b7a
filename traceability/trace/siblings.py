"""Siblings: lots and units that were exposed to what the start was exposed to.

One step back, then on again. What the start went through itself (the events it came out of, and
those that looked at it or treated it) is asked which records touched them: the lots that went in,
the work order, the cycle, the instrument under the calibration it relied on. Every other lot that
the same records touched is a sibling, and the answer says through which. Not walked further: what
the siblings' own materials share belongs to another question.
"""

# Statements are put together from constants; every value is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text
from erp.core.statements import written_out
from traceability.ids import IdSet
from traceability.origins import EXPOSURES, Exposure, Shared
from traceability.trace.answer import Direction, Gap
from traceability.trace.errors import UnknownExposure
from traceability.trace.query import Reach, Trace
from traceability.trace.sql import MOVES, Shape

# What is recorded of a unit's lot as such holds for the unit; a making of other units of the lot,
# which only looks at the lot, does not.
_OWN = f"""
    {{known}}, own (lot_id, own) AS (
        SELECT x, true FROM unnest(%(start)s::bigint[]) x
        UNION SELECT u.batch_id, false FROM traceability_lot u
        WHERE u.id = ANY(%(start)s::bigint[]) AND u.batch_id IS NOT NULL)
    SELECT e.id, {{seen}} FROM (
        SELECT o.event_id FROM own JOIN traceability_eventoutput o ON o.lot_id = own.lot_id
        UNION
        SELECT s.event_id FROM own JOIN traceability_eventsubject s ON s.lot_id = own.lot_id
        WHERE own.own OR NOT EXISTS (
            SELECT 1 FROM traceability_eventoutput o WHERE o.event_id = s.event_id)) x
    JOIN traceability_traceevent e ON e.id = x.event_id
    WHERE e.id NOT IN (SELECT id FROM void) AND e.biz_step NOT IN {MOVES}
      AND (%(at)s::timestamptz IS NULL OR e.record_time <= %(at)s)"""

# The lots an event left behind. A lot that came out, or was treated, as such stands for its units.
_TOUCHED = f"""
    {{known}}, pair (key, event_id) AS MATERIALIZED ({{pairs}}),
    touched AS (
        SELECT p.key, k.lot_id, k.as_such FROM pair p
        JOIN traceability_traceevent e ON e.id = p.event_id
        CROSS JOIN LATERAL (
            SELECT EXISTS (SELECT 1 FROM traceability_eventoutput o WHERE o.event_id = p.event_id)
            OFFSET 0) made (any_made)
        CROSS JOIN LATERAL (
            SELECT o.lot_id, true FROM traceability_eventoutput o WHERE o.event_id = p.event_id
            UNION ALL
            SELECT s.lot_id, NOT made.any_made FROM traceability_eventsubject s
            WHERE s.event_id = p.event_id OFFSET 0) k (lot_id, as_such)
        WHERE p.event_id NOT IN (SELECT id FROM void) AND e.biz_step NOT IN {MOVES}
          AND (%(at)s::timestamptz IS NULL OR e.record_time <= %(at)s))
    SELECT key, lot_id FROM touched
    UNION
    SELECT t.key, u.id FROM touched t JOIN traceability_lot u ON u.batch_id = t.lot_id
    WHERE t.as_such"""

_FAMILY = """
    SELECT id FROM traceability_lot WHERE batch_id = ANY(%(start)s::bigint[])
    UNION SELECT batch_id FROM traceability_lot
    WHERE id = ANY(%(start)s::bigint[]) AND batch_id IS NOT NULL"""

_SEEN = "SELECT x FROM unnest(%(lots)s::bigint[]) x WHERE {seen}"


@dataclass(frozen=True)
class Through:
    """One thing the start was exposed to, and the siblings it makes."""

    via: str
    kind: Text
    key: int
    record: Shared
    lots: IdSet

    @property
    def token(self) -> str:
        """Return it as it stands in addresses."""
        return f"{self.via}:{self.key}"


@dataclass(frozen=True)
class Siblings(Trace):
    """The lots and units that shared an exposure with the start; ``via`` chooses which exposures.

    Asked and shown like any trace. The start stands at level 0, every sibling at level 1.
    """

    via: tuple[str, ...] = ()

    @cached_property
    def exposures(self) -> Sequence[Exposure]:
        """Return the kinds of exposure that are asked for, all when none is chosen."""
        unknown = [code for code in self.via if code not in EXPOSURES]
        if unknown:
            raise UnknownExposure(via=unknown[0][:40], known=", ".join(sorted(EXPOSURES)))
        chosen = [e for e in EXPOSURES.values() if not self.via or e.code in self.via]
        return sorted(chosen, key=lambda e: (e.order, e.code))

    @cached_property
    def own_events(self) -> IdSet:
        """Return what the start went through itself, as far as the actor may see it."""
        return IdSet(pk for pk, seen in self._own if seen)

    @cached_property
    def gaps(self) -> Sequence[Gap]:
        """Return why the answer is not complete; empty when it is."""
        unseen = sum(1 for _pk, seen in self._own if not seen)
        said = _("events of the start at sites you do not see, which may make siblings")
        more = [Gap("exposures", said, unseen)] if unseen else []
        return [*super().gaps, *more]

    @cached_property
    def through(self) -> Sequence[Through]:
        """Return what the start was exposed to, each with the siblings that may be seen."""
        seen = self._seen
        return [
            Through(e.code, e.label, key, record, IdSet(pk for pk in lots if pk in seen))
            for e, key, record, lots in self._touched
        ]

    @cached_property
    def through_of(self) -> Mapping[int, Sequence[Through]]:
        """Return for each sibling what makes it one."""
        found: dict[int, list[Through]] = defaultdict(list)
        for through in self.through:
            for pk in through.lots:
                found[pk].append(through)
        return found

    @cached_property
    def reach(self) -> Reach:
        """Return the start and its siblings."""
        starts = [pk for (pk,) in self._visible(self.start.lot_ids)]
        siblings = sorted(self._seen)
        lots = array("q", [*starts, *siblings])
        levels = array("l", [0] * len(starts) + [1] * len(siblings))
        hidden = len(self._all) - len(siblings)
        return Reach(lots, levels, array("b", [1]) * len(lots), hidden, 0)

    @cached_property
    def shape(self) -> Shape:
        """Return how statements are written: the lots are known, links are those among them."""
        forward = Trace(self.start, Direction.FORWARD, self.actor, self.as_known_at, 0)
        return forward.shape

    @cached_property
    def _own(self) -> list[tuple[Any, ...]]:
        sites = [s for s in self.actor.read_sites if s is not None]
        seen = "true" if self.actor.sees_everything else "e.site_id = ANY(%(sites)s::bigint[])"
        statement = _OWN.format(known=f"WITH {self.shape.void()}", seen=seen)
        return self.rows(statement, sites="{" + ",".join(map(str, sites)) + "}")

    @cached_property
    def _touched(self) -> Sequence[tuple[Exposure, int, Shared, Sequence[int]]]:
        # A lot's own units, and the lot a unit belongs to, are not beside it: they are it.
        left_out = {*self.start.lot_ids, *(pk for (pk,) in self.rows(_FAMILY))}
        found = []
        for exposure in self.exposures:
            exposed = exposure.of(self.own_events)
            lots: dict[int, list[int]] = {key: [] for key in exposed.records}
            if exposed.records and exposed.events is not None:
                for key, lot_id in self._pairs(exposed.events):
                    if key in lots and lot_id not in left_out:
                        lots[key].append(lot_id)
            found += [(exposure, key, exposed.records[key], lots[key]) for key in exposed.records]
        return found

    def _pairs(self, events: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
        pairs = written_out(*events.order_by().query.sql_with_params()).replace("%", "%%")
        known = f"WITH {self.shape.void()}"
        return self.rows(_TOUCHED.format(known=known, pairs=pairs))

    @cached_property
    def _all(self) -> frozenset[int]:
        return frozenset(pk for _e, _key, _record, lots in self._touched for pk in lots)

    @cached_property
    def _seen(self) -> frozenset[int]:
        return frozenset(pk for (pk,) in self._visible(self._all))

    def _visible(self, lot_ids: Iterable[int]) -> list[tuple[Any, ...]]:
        given = "{" + ",".join(map(str, lot_ids)) + "}"
        return self.rows(_SEEN.format(seen=self.shape.seen("x")), lots=given)
