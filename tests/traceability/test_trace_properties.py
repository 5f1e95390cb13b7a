"""The trace against an independent walk, on random genealogies with loops, rework and returns."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.accounts.models import Site, User
from tests.traceability.builders import (
    did_not_happen,
    happen,
    make_lots,
    make_units,
    reached,
    trace,
)
from traceability.models import Lot
from traceability.trace.why import why_in, why_not

pytestmark = pytest.mark.django_db

SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LOTS, BATCHES = 4, 2


@dataclass(frozen=True)
class Plan:
    """Which lots go into and come out of each event, which events are void, whose units are where.

    A lot may stand on both sides of an event (rework of the same lot), in several (returns),
    and events may form loops.
    """

    events: list[tuple[frozenset[int], frozenset[int]]]
    void: frozenset[int]
    members: list[int]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a genealogy of four lots, of which two have units; half of what flows are units."""
    units = draw(st.lists(st.integers(0, BATCHES - 1), min_size=2, max_size=4))
    lot = st.one_of(st.integers(0, LOTS - 1), st.integers(LOTS, LOTS + len(units) - 1))
    some = st.frozensets(lot, min_size=1, max_size=3)
    events = draw(st.lists(st.tuples(some, some), min_size=1, max_size=6))
    void = draw(st.frozensets(st.integers(0, 2 * len(events)), max_size=1))
    return Plan(events, void, units)


Face = tuple[int, str]


class World:
    """A plan carried out, and the plain walk that knows nothing of SQL.

    Every lot has two faces, as made and as used: what an event uses is used, what it gives is made,
    a unit is made with its lot and used with its lot, and what was made may be used.
    """

    def __init__(self, plan: Plan, user: User, site: Site) -> None:
        self.lots = make_lots(user, site, LOTS)
        self.lots += [make_units(user, site, self.lots[b], 1)[0] for b in plan.members]
        self.onward: dict[Face, set[Face]] = defaultdict(set)
        self.pairs: set[tuple[int, int]] = set()
        for place, batch in enumerate(plan.members):
            group, unit = self.lots[batch].pk, self.lots[LOTS + place].pk
            self.onward[group, "made"].add((unit, "made"))
            self.onward[unit, "used"].add((group, "used"))
        for number, (ins, outs) in enumerate(plan.events):
            inputs, outputs = [self.lots[i] for i in ins], [self.lots[o] for o in outs]
            event = happen(user, site, inputs, outputs)
            if number in plan.void:
                did_not_happen(user, site, event)
                continue
            for lot in inputs:
                self.onward[lot.pk, "used"] |= {(made.pk, "made") for made in outputs}
                self.pairs |= {(lot.pk, made.pk) for made in outputs}
        self.back: dict[Face, set[Face]] = defaultdict(set)
        for source, targets in self.onward.items():
            for target in targets:
                self.back[target].add(source)

    def forward(self, lot: Lot) -> dict[int, int]:
        """Return what came of a lot with its least number of steps."""
        return _walk(lot.pk, self.onward, "made", "used")

    def backward(self, lot: Lot) -> dict[int, int]:
        """Return what went into a lot with its least number of steps."""
        return _walk(lot.pk, self.back, "used", "made")


def _walk(start: int, edges: dict[Face, set[Face]], first: str, second: str) -> dict[int, int]:
    levels: dict[Face, int] = {}
    front, level = {(start, first)}, 0
    while front:
        # From its first face a lot turns to its second at no distance.
        for lot, face in [*front]:
            if face == first:
                front.add((lot, second))
        front -= set(levels)
        levels.update(dict.fromkeys(front, level))
        front = {target for face in front for target in edges.get(face, ())} - set(levels)
        level += 1
    found: dict[int, int] = {}
    for (lot, _face), distance in sorted(levels.items(), key=lambda pair: pair[1]):
        found.setdefault(lot, distance)
    return found


@SLOW
@given(plan=plans(), place=st.integers(0, LOTS + 1))
@pytest.mark.urs("TRC-03", "TRC-04", "TRC-05")
def test_the_trace_is_what_a_plain_walk_finds(
    plan: Plan, place: int, ada: User, site: Site
) -> None:
    world = World(plan, ada, site)
    start = world.lots[place]
    forward = world.forward(start)
    backward = {pk: -level for pk, level in world.backward(start).items()}
    assert reached(ada, [start], "forward") == forward
    assert reached(ada, [start], "backward") == backward
    both = reached(ada, [start], "both")
    assert both.keys() == forward.keys() | backward.keys()
    for pk, level in both.items():
        assert abs(level) == min(abs(way[pk]) for way in (forward, backward) if pk in way)


@SLOW
@given(plan=plans())
@pytest.mark.urs("TRC-03", "TRC-04")
def test_forward_is_the_transpose_of_backward(plan: Plan, ada: User, site: Site) -> None:
    world = World(plan, ada, site)
    forward = {lot.pk: trace(ada, [lot], "forward").reach.ids for lot in world.lots}
    backward = {lot.pk: trace(ada, [lot], "backward").reach.ids for lot in world.lots}
    down = {(a, b) for a, found in forward.items() for b in found}
    up = {(b, a) for a, found in backward.items() for b in found}
    assert down == up


@SLOW
@given(
    plan=plans(),
    place=st.integers(0, LOTS + 1),
    direction=st.sampled_from(["forward", "backward", "both"]),
)
@pytest.mark.urs("TRC-05")
def test_the_links_are_exactly_those_between_lots_of_the_answer(
    plan: Plan, place: int, direction: str, ada: User, site: Site
) -> None:
    world = World(plan, ada, site)
    start = world.lots[place]
    asked = trace(ada, [start], direction)
    found = [(k.event_id, k.input_id, k.output_id) for k in asked.answer().links]
    assert len(found) == len(set(found)), "no link comes twice"
    down = set(world.forward(start)) if direction != "backward" else set()
    up = set(world.backward(start)) if direction != "forward" else set()
    expected = {(a, b) for side in (down, up) for a, b in world.pairs if a in side and b in side}
    by_event = {(a, b) for event, a, b in found if event is not None}
    assert by_event == expected
    for event, a, b in found:
        if event is None:
            assert {a, b} <= down or {a, b} <= up
    assert asked.counts.links == len(found)


@SLOW
@given(plan=plans(), place=st.integers(0, LOTS + 1))
@pytest.mark.urs("TRC-04")
def test_why_gives_a_path_as_short_as_any(plan: Plan, place: int, ada: User, site: Site) -> None:
    world = World(plan, ada, site)
    start = world.lots[place]
    asked = trace(ada, [start], "forward")
    distance = world.forward(start)
    for lot in world.lots:
        path = why_in(asked, lot.pk)
        if lot.pk not in distance:
            assert path is None
            assert why_not(asked, lot.pk), "a lot outside always has a reason"
            continue
        assert path is not None
        assert len(path.links) == distance[lot.pk]
        if path.links:
            assert path.lot_ids[0] == start.pk
            assert path.lot_ids[-1] == lot.pk
        for link in path.links:
            if link.event_id is not None:
                assert (link.input_id, link.output_id) in world.pairs


@SLOW
@given(plan=plans(), place=st.integers(0, LOTS + 1), depth=st.integers(0, 3))
@pytest.mark.urs("TRC-07")
def test_a_depth_shows_the_near_part_and_says_that_there_is_more(
    plan: Plan, place: int, depth: int, ada: User, site: Site
) -> None:
    world = World(plan, ada, site)
    start = world.lots[place]
    whole = world.forward(start)
    asked = trace(ada, [start], "forward", depth=depth)
    near = {pk: level for pk, level in whole.items() if level <= depth}
    answer = asked.answer()
    assert {n.lot_id: n.level for n in answer.nodes} == near
    assert answer.complete == (len(near) == len(whole))
    assert all(k.input_id in near and k.output_id in near for k in answer.links)
