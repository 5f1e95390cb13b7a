"""Why a lot is in an answer, by its shortest path; and why another one is not."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text
from traceability.ids import IdSet
from traceability.models import EventOutput, Lot
from traceability.trace.answer import Direction, Link, Node
from traceability.trace.query import Trace

MANY = 20
MADE, USED = False, True


@dataclass(frozen=True)
class Path:
    """The shortest chain of links, in the direction goods flow. A hidden lot has no node."""

    links: Sequence[Link]
    nodes: Mapping[int, Node]

    @property
    def lot_ids(self) -> tuple[int, ...]:
        """Return the lots from the first that went in to the last that came out."""
        return (
            (self.links[0].input_id, *(link.output_id for link in self.links)) if self.links else ()
        )


@dataclass(frozen=True)
class Reason:
    """One reason why a lot is not in an answer, with the lots that show it."""

    code: str
    sentence: Text
    lots: Sequence[Node] = ()


def why_in(trace: Trace, lot_id: int) -> Path | None:
    """Return the shortest path between the start and a lot, ``None`` when there is none.

    Always walked backward from the end where goods arrived: what went into one unit is little, what
    became of one raw lot is much.
    """
    starts = trace.start.lot_ids
    if lot_id in starts:
        return Path((), trace.named([lot_id]))
    found: list[list[Link]] = []
    if trace.direction is not Direction.BACKWARD:
        found += _chain(trace, ends=[lot_id], goals=starts)
    if trace.direction is not Direction.FORWARD:
        found += _chain(trace, ends=starts, goals=[lot_id])
    limit = trace.depth
    short = [chain for chain in found if limit is None or len(chain) <= limit]
    if not short:
        return None
    best = min(short, key=len)
    return Path(best, trace.named({pk for k in best for pk in (k.input_id, k.output_id)}))


def _chain(trace: Trace, *, ends: Sequence[int], goals: Sequence[int]) -> list[list[Link]]:
    """Return at most one shortest chain from one of ``goals`` down to one of ``ends``."""
    back = trace.turned(Direction.BACKWARD, *ends)
    distance = back.distances()
    reached = [distance[pk] for pk in goals if pk in distance]
    if not reached:
        return []
    near = [pk for pk, d in distance.items() if d <= min(reached)]
    first = [pk for pk in goals if distance.get(pk) == min(reached)]
    return [_shortest(_onward(back, near), first, set(ends))]


Face = tuple[int, bool]
"""A lot as made (false) or as used (true), see :mod:`traceability.trace.sql`."""


def _onward(trace: Trace, lot_ids: Sequence[int]) -> dict[Face, list[tuple[Face, Link]]]:
    """Return the links among these lots by the face they start from."""
    onward: dict[Face, list[tuple[Face, Link]]] = defaultdict(list)
    events = trace.event_links(lot_ids)
    for link in sorted(events, key=lambda k: (k.event_id or 0, k.output_id)):
        onward[link.input_id, USED].append(((link.output_id, MADE), link))
    ids = IdSet(lot_ids)
    for unit, lot in Lot.objects.filter(pk__in=ids, batch__in=ids).values_list("pk", "batch_id"):
        onward[lot, MADE].append(((unit, MADE), _member(lot, unit)))
        onward[unit, USED].append(((lot, USED), _member(unit, lot)))
    return onward


def _member(source: int, target: int | None) -> Link:
    return Link(None, source, target or 0, None, None, "lot", None, "")


def _shortest(
    onward: Mapping[Face, Sequence[tuple[Face, Link]]], starts: Sequence[int], ends: set[int]
) -> list[Link]:
    """Return the links of a shortest way; what was made may then be used, at no distance."""
    came: dict[Face, tuple[Face, Link | None]] = {}
    front: deque[Face] = deque()

    def arrive(face: Face, before: Face, link: Link | None) -> None:
        if face not in came:
            came[face] = (before, link)
            front.append(face)

    for pk in starts:
        arrive((pk, MADE), (pk, MADE), None)
        arrive((pk, USED), (pk, MADE), None)
    while front:
        face = front.popleft()
        if face[1] is USED and face[0] in ends:
            return _back_along(came, face)
        for target, link in onward.get(face, ()):
            arrive(target, face, link)
            arrive((target[0], USED), target, None)
    return []


def _back_along(came: Mapping[Face, tuple[Face, Link | None]], face: Face) -> list[Link]:
    links: list[Link] = []
    while came[face][0] != face:
        face, link = came[face]
        links += [link] if link else []
    return links[::-1]


def why_not(trace: Trace, lot_id: int) -> list[Reason]:
    """Return why a lot is not in the answer; empty when it is.

    A missing link proves nothing where nothing was recorded, so that is said too.
    """
    if why_in(trace, lot_id) is not None:
        return []
    reasons = [
        *_cut_off(trace, lot_id),
        *_used_instead(trace, lot_id),
        *_nothing_recorded(trace, lot_id),
    ]
    if not any(r.code in {"depth", "later", "void"} for r in reasons):
        said = _("No recorded link leads from one to the other, in this direction.")
        reasons.insert(0, Reason("not_linked", said))
    return reasons


def _cut_off(trace: Trace, lot_id: int) -> list[Reason]:
    """Return the part of the question that leaves it out."""
    wider = (
        ("depth", _("It lies beyond the depth asked for."), {"depth": None}),
        (
            "later",
            _("The link was recorded after the date this trace is asked for."),
            {"depth": None, "as_known_at": None},
        ),
        (
            "void",
            _("The only link was declared not to have happened."),
            {"depth": None, "as_known_at": trace.as_known_at, "void_too": True},
        ),
    )
    for code, sentence, change in wider:
        asked = all(getattr(trace, name) == value for name, value in change.items())
        if not asked and why_in(replace(trace, **change), lot_id) is not None:
            return [Reason(code, sentence)]
    return []


def _used_instead(trace: Trace, lot_id: int) -> list[Reason]:
    """Return the lots of the same item that were used where this one was not."""
    reasons = []
    if trace.direction is not Direction.BACKWARD:
        sentence = _("It holds other lots of the same item instead.")
        reasons.append((sentence, _same_item(trace, [lot_id], trace.start.lot_ids)))
    if trace.direction is not Direction.FORWARD:
        sentence = _("Other lots of the same item were used instead.")
        reasons.append((sentence, _same_item(trace, trace.start.lot_ids, [lot_id])))
    return [Reason("instead", sentence, lots) for sentence, lots in reasons if lots]


def _same_item(trace: Trace, of: Sequence[int], like: Sequence[int]) -> list[Node]:
    """Return the lots that went into ``of`` and are of the same items as ``like``."""
    back = trace.turned(Direction.BACKWARD, *of)
    items = Lot.objects.filter(pk__in=like).values("item_id")
    others = [pk for pk in back.reach.ids if pk not in {*of, *like}]
    same = Lot.objects.visible_to(trace.actor).filter(item_id__in=items, pk__in=IdSet(others))
    return list(trace.named(list(same.values_list("pk", flat=True)[:MANY])).values())


def _nothing_recorded(trace: Trace, lot_id: int) -> list[Reason]:
    """Say so where nothing is recorded about where the lot came from."""
    if trace.direction is Direction.BACKWARD or EventOutput.objects.filter(lot_id=lot_id).exists():
        return []
    batch = Lot.objects.filter(pk=lot_id).values("batch_id")
    if EventOutput.objects.filter(lot_id__in=batch).exists():
        return []
    said = _(
        "Nothing is recorded about where it came from, so this is no proof that it is unaffected."
    )
    return [Reason("nothing_recorded", said)]
