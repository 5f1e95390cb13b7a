"""What was made of held goods is as doubtful as they are: said, shown, and stopped at the gates."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp import gates
from erp.accounts.models import Site, User
from erp.core.errors import Blocked
from erp.inventory.operations import hold_lot, release_hold
from erp.inventory.sources import held_sources
from quality.release.operations import release_lot
from tests.conftest import ctx_for, signed
from tests.inventory.builders import last_event, lot_in_stock
from tests.quality.builders import accepted, finished, product
from tests.traceability.builders import did_not_happen, happen, make_lots, make_units, trace
from traceability.gates import ALLOCATE, RELEASE, SHIP
from traceability.models import EventInput, Lot
from traceability.trace.balance import balance_with_units
from traceability.trace.story import story_of_trace

pytestmark = pytest.mark.django_db


def codes(user: User, gate: str, *lots: Lot) -> dict[str, set[str]]:
    """Return what stands in the way of each lot."""
    found: dict[str, set[str]] = {lot.number: set() for lot in lots}
    numbers = {lot.pk: lot.number for lot in lots}
    question = gates.Question(gate, frozenset(numbers), ctx_for(user).actor)
    for answer in gates.answers(question):
        found[numbers[answer.record_id]].add(answer.blocker.code)
    return found


@pytest.mark.urs("RCL-02")
def test_a_lot_made_of_held_material_is_not_released(ada: User, ben: User, site: Site) -> None:
    batch = finished(ben, site, product())
    accepted(ben, batch)
    material = EventInput.objects.filter(event__outputs__lot__batch=batch).first()
    assert material is not None
    hold = hold_lot(
        ctx_for(ben, reason="heat may be out of composition"),
        lot_id=material.lot_id,
        cause="supplier",
    )
    with pytest.raises(Blocked) as refused:
        release_lot(signed(ada), lot_id=batch.pk)
    (blocker,) = refused.value.blockers
    assert (blocker.code, blocker.waivable) == ("lot.made_of_held", True)
    assert hold.number in str(blocker.sentence)
    assert blocker.record is not None
    assert blocker.record.url == f"/holds/{hold.pk}/"
    release_hold(signed(ada, reason="analysis repeated: in order"), hold_id=hold.pk)
    assert release_lot(signed(ada), lot_id=batch.pk).state == "released"


@pytest.mark.parametrize("gate", [RELEASE, ALLOCATE, SHIP])
def test_every_gate_names_the_hold_at_any_distance_and_of_the_right_lots_only(
    gate: str, ada: User, site: Site
) -> None:
    raw, middle, made, batch, other = make_lots(ada, site, 5)
    happen(ada, site, [raw], [middle])
    happen(ada, site, [middle], [made])
    units = make_units(ada, site, batch, 2)
    happen(ada, site, [middle], units)
    hold_lot(ctx_for(ada, reason="dent"), lot_id=raw.pk, cause="quality")
    found = codes(ada, gate, middle, made, batch, units[0], other, raw)
    reached = {number for number, why in found.items() if "lot.made_of_held" in why}
    assert reached == {middle.number, made.number, batch.number, units[0].number}
    assert "lot.on_hold" in found[raw.number]


def test_what_did_not_happen_and_ones_own_units_are_no_source(ada: User, site: Site) -> None:
    raw, made, batch = make_lots(ada, site, 3)
    did_not_happen(ada, site, happen(ada, site, [raw], [made]))
    (unit, _sister) = make_units(ada, site, batch, 2)
    hold_lot(ctx_for(ada, reason="dent"), lot_id=raw.pk, cause="quality")
    hold_lot(ctx_for(ada, reason="dent"), lot_id=unit.pk, cause="quality")
    assert held_sources([made.pk]) == {}
    assert held_sources([batch.pk]) == {}


def test_the_story_and_the_trace_say_so(ada: User, ben: User, site: Site) -> None:
    raw, made = make_lots(ada, site, 2)
    happen(ada, site, [raw], [made])
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=raw.pk, cause="quality")
    stages = {s.code: s for s in story_of_trace(trace(ada, [made], "backward"))}
    said = [str(line.sentence) for line in stages["now"].lines]
    assert "1 lot or unit that went into it is on hold: dent." in said
    client = Client()
    client.force_login(ada)
    answer = client.get("/api/v1/trace/", {"start": f"hold:{hold.number}", "direction": "forward"})
    assert made.number in answer.content.decode()


def test_a_list_marks_what_is_on_hold_and_can_be_narrowed_to_it(
    ada: User, ben: User, site: Site
) -> None:
    batch, free = make_lots(ada, site, 2)
    (unit,) = make_units(ada, site, batch, 1)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=batch.pk, cause="quality")
    client = Client()
    client.force_login(ada)
    assert client.get("/lots/").content.decode().count("<span>on hold</span>") == 2

    def numbers(value: str) -> set[str]:
        rows = client.get("/api/v1/lots/", {"hold": value}).json()["results"]
        return {row["number"] for row in rows}

    assert numbers("named") == {batch.number}
    assert numbers("reached") == {batch.number, unit.number}
    assert free.number not in numbers("reached")


def test_the_end_of_a_hold_is_an_event_of_its_own_and_stands_in_every_time_line(
    ada: User, ben: User, site: Site
) -> None:
    raw, made = make_lots(ada, site, 2)
    happen(ada, site, [raw], [made])
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=raw.pk, cause="quality")
    release_hold(signed(ada, reason="no dent"), hold_id=hold.pk)
    lifted = last_event(raw, "hold_lifted")
    for direction, start in (("backward", made), ("forward", raw), ("both", raw)):
        assert lifted.pk in trace(ada, [start], direction).event_ids, direction


def test_a_unit_is_not_told_the_making_of_its_sisters(ada: User, site: Site) -> None:
    (batch,) = make_lots(ada, site, 1)
    first, second = make_units(ada, site, batch, 2)
    mine = happen(ada, site, outputs=[first], subjects=[batch])
    theirs = happen(ada, site, outputs=[second], subjects=[batch])
    seen = trace(ada, [first], "backward").event_ids
    assert mine.pk in seen
    assert theirs.pk not in seen
    client = Client()
    client.force_login(ada)
    page = client.get(f"/lots/{first.pk}/").content.decode()
    assert f"/trace-events/{mine.pk}/" in page
    assert f"/trace-events/{theirs.pk}/" not in page


def test_the_balance_of_a_lot_made_unit_by_unit_is_that_of_its_units(ada: User, site: Site) -> None:
    raw, batch = make_lots(ada, site, 2)
    units = make_units(ada, site, batch, 3)
    happen(ada, site, [raw], units, subjects=[batch])
    (line,) = balance_with_units([batch.pk])
    assert line.figures["made"] == 3
    assert line.gap == 3, "made, and nowhere"


def test_the_material_of_many_lots_is_asked_at_once(ada: User, site: Site) -> None:
    def asked(count: int) -> int:
        lots = [lot_in_stock(ada, site) for _ in range(count)]
        with CaptureQueriesContext(connection) as taken:
            assert held_sources([lot.pk for lot in lots]) == {}
        return len(taken)

    assert asked(1) == asked(5)
