"""Siblings: what shared an exposure with a unit or lot, and through what."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from equipment.steps import note_use
from erp.accounts.models import Site, User
from tests.conftest import ctx_for
from tests.equipment.builders import instrument as make_instrument
from tests.masterdata.builders import make_item
from tests.traceability.builders import did_not_happen, happen, make_lots, make_units
from traceability.models import Lot
from traceability.trace import Direction, Siblings, Start
from traceability.trace.errors import UnknownExposure
from traceability.trace.words import summary

pytestmark = pytest.mark.django_db


def siblings(user: User, *lots: Lot, via: tuple[str, ...] = (), **more: Any) -> Siblings:
    """Return the siblings of lots as this person sees them."""
    start = Start.lots(*(lot.pk for lot in lots))
    return Siblings(start, Direction.SIBLINGS, ctx_for(user).actor, via=via, **more)


def found(asked: Siblings) -> set[int]:
    """Return the siblings of an answer, the start apart."""
    return {node.lot_id for node in asked.nodes() if node.level}


def test_lots_made_of_the_same_lot_are_siblings_and_the_answer_says_through_what(
    ada: User, site: Site
) -> None:
    steel, other = make_lots(ada, site, 2)
    one, two, apart = make_lots(ada, site, 3)
    happen(ada, site, [steel], [one])
    happen(ada, site, [steel], [two])
    happen(ada, site, [other], [apart])
    asked = siblings(ada, one)
    assert found(asked) == {two.pk}
    (through,) = asked.through
    assert (through.token, through.record.label) == (f"lot:{steel.pk}", steel.number)
    assert [t.record.label for t in asked.through_of[two.pk]] == [steel.number]
    assert steel.number in summary(asked).answer
    assert asked.complete


def test_units_of_the_same_lot_are_siblings_of_each_other_but_their_lot_is_not(
    ada: User, site: Site
) -> None:
    steel, batch = make_lots(ada, site, 2)
    first, second, later = make_units(ada, site, batch, 3)
    happen(ada, site, [steel], [first, second], subjects=[batch])
    happen(ada, site, make_lots(ada, site, 1), [later], subjects=[batch])
    # The batch is only looked at by the second report: what went into that went into another unit.
    assert found(siblings(ada, first)) == {second.pk}
    assert found(siblings(ada, batch)) == set()


def test_what_was_treated_as_a_lot_holds_for_each_of_its_units(ada: User, site: Site) -> None:
    mine, other = make_lots(ada, site, 2)
    unit = make_units(ada, site, mine, 1)[0]
    others = make_units(ada, site, other, 2)
    instrument = make_instrument(ada, site)
    for lot in (mine, other):
        event = happen(ada, site, subjects=[lot], kind="object", biz_step="inspecting")
        note_use(ctx_for(ada), event, [instrument.pk])
    asked = siblings(ada, unit, via=("instrument",))
    assert found(asked) == {other.pk, *(u.pk for u in others)}
    assert asked.through[0].record.label == instrument.code


def test_via_chooses_the_exposure_and_an_unknown_one_is_refused(ada: User, site: Site) -> None:
    steel, one, two = make_lots(ada, site, 3)
    happen(ada, site, [steel], [one, two])
    assert found(siblings(ada, one, via=("lot",))) == {two.pk}
    assert found(siblings(ada, one, via=("instrument",))) == set()
    with pytest.raises(UnknownExposure):
        found(siblings(ada, one, via=("moon-phase",)))


def test_moving_lots_together_makes_no_siblings(ada: User, site: Site) -> None:
    one, two = make_lots(ada, site, 2)
    instrument = make_instrument(ada, site)
    event = happen(ada, site, subjects=[one, two], kind="object", biz_step="storing")
    note_use(ctx_for(ada), event, [instrument.pk])
    assert found(siblings(ada, one)) == set()


def test_an_event_that_did_not_happen_makes_no_siblings(ada: User, site: Site) -> None:
    steel, one, two = make_lots(ada, site, 3)
    happen(ada, site, [steel], [one])
    event = happen(ada, site, [steel], [two])
    did_not_happen(ada, site, event)
    assert found(siblings(ada, one)) == set()


def test_siblings_that_may_not_be_seen_are_counted_and_not_named(
    ada: User, dan: User, site: Site, other_site: Site
) -> None:
    steel = make_lots(ada, site, 1)[0]
    his, near = make_lots(ada, other_site, 2)
    far = make_lots(ada, site, 2)
    for lot, at in ((his, other_site), (near, other_site), (far[0], site), (far[1], site)):
        happen(ada, at, [steel], [lot])
    asked = siblings(dan, his)
    assert found(asked) == {near.pk}
    assert [(gap.code, gap.count) for gap in asked.gaps if gap.code == "hidden"] == [("hidden", 2)]


def test_the_number_of_queries_does_not_grow_with_the_siblings(ada: User, site: Site) -> None:
    def count(size: int) -> int:
        steel = make_lots(ada, site, 1)[0]
        one, *rest = make_lots(ada, site, size, item=make_item())
        for lot in (one, *rest):
            happen(ada, site, [steel], [lot])
        with CaptureQueriesContext(connection) as taken:
            assert len(found(siblings(ada, one))) == size - 1
        return len(taken)

    assert count(3) == count(30)
