"""What happened to lots, told in sentences, stage by stage, from the records of every app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from erp.core.actor import Actor
from erp.core.errors import Text
from traceability.ids import IdSet
from traceability.models import Lot
from traceability.origins import TELLINGS, Ids, Line, Scope
from traceability.trace.query import Trace
from traceability.trace.siblings import Siblings


@dataclass(frozen=True)
class Stage:
    """One stage of a story with its sentences."""

    code: str
    title: Text
    lines: Sequence[Line]


def tell(scope: Scope) -> list[Stage]:
    """Return the story about these lots; stages of which nothing is recorded are left out."""
    ordered = sorted(TELLINGS.values(), key=lambda telling: (telling.order, telling.code))
    told = (Stage(t.code, t.title, list(t.lines(scope))) for t in ordered)
    return [stage for stage in told if stage.lines]


def story_of_trace(trace: Trace) -> list[Stage]:
    """Return the story of an answer: of the start, what went into it, and what came of it."""
    reach = trace.reach
    starts = [pk for pk in trace.start.lot_ids if pk in reach.ids]
    own = _family(starts)
    if isinstance(trace, Siblings):
        return tell(Scope(own))
    both = list(zip(reach.lots, reach.levels, strict=True))
    before = {pk for pk, level in both if level < 0}.difference(own)
    after = {pk for pk, level in both if level > 0}.difference(own)
    return tell(Scope(own, IdSet(sorted(before)), IdSet(sorted(after))))


def story_of_lot(lot: Lot, actor: Actor) -> list[Stage]:
    """Return the story of one lot or unit with its next neighbours: a few queries at any size.

    Neighbours the actor may not see are counted and left out (ADR 0027).
    """
    own = _family([lot.pk])
    before = _others(Lot.objects.filter(went_into__event__outputs__lot__in=own), own)
    after = _others(Lot.objects.filter(came_from__event__inputs__lot__in=own), own)
    if actor.sees_everything:
        return tell(Scope(own, before, after))
    around = Lot.objects.filter(pk__in=IdSet(sorted({*before, *after})))
    seen = set(around.visible_to(actor).order_by().values_list("pk", flat=True))
    return tell(
        Scope(
            own,
            IdSet(pk for pk in before if pk in seen),
            IdSet(pk for pk in after if pk in seen),
            elsewhere=len({*before, *after} - seen),
        )
    )


def _others(neighbours: QuerySet[Lot], own: Ids) -> IdSet:
    """Return the neighbours that are not themselves what is asked about."""
    others = neighbours.exclude(pk__in=own).order_by()
    return IdSet(others.values_list("pk", flat=True).distinct())


def _family(lot_ids: Sequence[int]) -> Ids:
    """Return lots with the units they consist of, and units with the lot they belong to."""
    given = IdSet(dict.fromkeys(lot_ids))
    batches = Lot.objects.filter(pk__in=given, batch__isnull=False).order_by().values("batch_id")
    more = Lot.objects.filter(Q(batch__in=given) | Q(pk__in=batches)).order_by()
    return IdSet(dict.fromkeys([*given, *more.values_list("pk", flat=True)]))
