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
LOTS, BATCHES = 7, 2


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
    """Draw a genealogy of nine lots, of which two have units."""
    units = draw(st.lists(st.integers(0, BATCHES - 1), max_size=4))
    lot = st.integers(0, LOTS + len(units) - 1)
    some = st.frozensets(lot, max_size=3)
    events = draw(st.lists(st.tuples(some, some), max_size=8))
    void = draw(st.frozensets(st.integers(0, max(0, len(events) - 1)), max_size=2))
    return Plan(events, void, units)


class World:
    """A plan carried out, and the plain walk that knows nothing of SQL."""

    def __init__(self, plan: Plan, user: User, site: Site) -> None:
        self.lots = make_lots(user, site, LOTS)
        self.lots += [make_units(user, site, self.lots[b], 1)[0] for b in plan.members]
        self.onward: dict[int, set[int]] = defaultdict(set)
        for place, batch in enumerate(plan.members):
            self.onward[self.lots[batch].pk].add(self.lots[LOTS + place].pk)
        for number, (ins, outs) in enumerate(plan.events):
            inputs, outputs = [self.lots[i] for i in ins], [self.lots[o] for o in outs]
            event = happen(user, site, inputs, outputs)
            if number in plan.void:
                did_not_happen(user, site, event)
                continue
            for lot in inputs:
                self.onward[lot.pk] |= {made.pk for made in outputs}
        self.back: dict[int, set[int]] = defaultdict(set)
        for source, targets in self.onward.items():
            for target in targets:
                self.back[target].add(source)

    def walk(self, start: Lot, edges: dict[int, set[int]]) -> dict[int, int]:
        """Return every lot that can be reached with its least number of steps."""
        levels, front, level = {start.pk: 0}, [start.pk], 0
        while front:
            level += 1
            found = {n for pk in front for n in edges.get(pk, ())} - set(levels)
            levels.update(dict.fromkeys(found, level))
            front = sorted(found)
        return levels


@SLOW
@given(plan=plans(), place=st.integers(0, LOTS - 1))
@pytest.mark.urs("TRC-03", "TRC-04", "TRC-05")
def test_the_trace_is_what_a_plain_walk_finds(
    plan: Plan, place: int, ada: User, site: Site
) -> None:
    world = World(plan, ada, site)
    start = world.lots[place]
    forward = world.walk(start, world.onward)
    backward = {pk: -level for pk, level in world.walk(start, world.back).items()}
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
    place=st.integers(0, LOTS - 1),
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
    down = set(world.walk(start, world.onward)) if direction != "backward" else set()
    up = set(world.walk(start, world.back)) if direction != "forward" else set()
    expected = {
        (a, b) for side in (down, up) for a in side for b in world.onward.get(a, ()) if b in side
    }
    assert {(a, b) for _event, a, b in found} == expected
    assert asked.counts.links == len(found)


@SLOW
@given(plan=plans(), place=st.integers(0, LOTS - 1))
@pytest.mark.urs("TRC-04")
def test_why_gives_a_path_as_short_as_any(plan: Plan, place: int, ada: User, site: Site) -> None:
    world = World(plan, ada, site)
    start = world.lots[place]
    asked = trace(ada, [start], "forward")
    distance = world.walk(start, world.onward)
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
            assert link.output_id in world.onward[link.input_id]


@SLOW
@given(plan=plans(), place=st.integers(0, LOTS - 1), depth=st.integers(0, 3))
@pytest.mark.urs("TRC-07")
def test_a_depth_shows_the_near_part_and_says_that_there_is_more(
    plan: Plan, place: int, depth: int, ada: User, site: Site
) -> None:
    world = World(plan, ada, site)
    start = world.lots[place]
    whole = world.walk(start, world.onward)
    asked = trace(ada, [start], "forward", depth=depth)
    near = {pk: level for pk, level in whole.items() if level <= depth}
    answer = asked.answer()
    assert {n.lot_id: n.level for n in answer.nodes} == near
    assert answer.complete == (len(near) == len(whole))
    assert all(k.input_id in near and k.output_id in near for k in answer.links)
