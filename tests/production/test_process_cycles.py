"""Special processes at subcontractors, and what release waits for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest

from erp import gates
from erp.accounts.models import Site, User
from erp.core.errors import Blocked, IllegalStep, NotFound, NotPermitted
from erp.inventory.errors import WrongPlace
from erp.inventory.models import Balance, Hold
from erp.inventory.operations import hold_lot, release_hold
from erp.masterdata.models import Location
from erp.production.errors import NothingToMove, OutOfLimits
from erp.production.events import ProcessCycleRecorded
from erp.production.models import ProcessCycle, WorkOrder
from erp.production.operations import (
    complete_work_order,
    move_to_storage,
    receive_from_subcontractor,
    report_production,
    require_process,
    send_to_subcontractor,
)
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import place
from tests.production.builders import running, serials, subcontractor_place, used
from traceability.models import Lot

DOSE = {"name": "dose", "value": "27.1", "unit": "kGy", "lower": "25", "upper": "40"}


@pytest.fixture
def away(ada: User, site: Site) -> Location:
    return subcontractor_place(site)


@pytest.fixture
def order(ada: User, site: Site) -> WorkOrder:
    """A completed order of three units whose item needs sterilisation."""
    order, lot = running(ada, site, quantity=5, issued=3)
    require_process(ctx_for(ada), item_id=order.item_id, kind="sterilisation")
    report_production(
        ctx_for(ada), work_order_id=order.pk, units=serials(3), consumed=used((lot, 3))
    )
    return order


def batch_of(order: WorkOrder) -> Lot:
    """Return the lot of a started order."""
    return cast(Lot, order.batch)


def send(user: User, order: WorkOrder, away: Location) -> ProcessCycle:
    return send_to_subcontractor(
        ctx_for(user), lot_id=batch_of(order).pk, kind="sterilisation", place_id=away.pk
    )


def receive(user: User, cycle: ProcessCycle, **more: Any) -> ProcessCycle:
    values = {"cycle_number": "EO-881", "conforming": True, "parameters": [DOSE], **more}
    return receive_from_subcontractor(ctx_for(user), cycle_id=cycle.pk, **values)


def release_blockers(user: User, order: WorkOrder) -> set[str]:
    found = gates.blockers("lot.release", [batch_of(order).pk], ctx_for(user).actor)
    return {b.code for b in found if b.code.startswith("production.")}


@pytest.mark.urs("PRD-06")
def test_all_units_go_out_in_quarantine_and_come_back_with_their_record(
    ada: User, order: WorkOrder, away: Location, told: list[object]
) -> None:
    cycle = send(ada, order, away)
    assert cycle.number.startswith("CY-")
    units = Lot.objects.filter(batch=order.batch)
    out = Balance.objects.filter(lot__in=units, quantity__gt=0)
    assert {(b.location, b.status) for b in out} == {(away, "quarantine")}
    cycle = receive(ada, cycle, certificate_number="CERT-9")
    back = Balance.objects.filter(lot__in=units, quantity__gt=0)
    assert {(b.location.kind, b.status) for b in back} == {("line", "quarantine")}
    assert (cycle.state, cycle.conforming, cycle.cycle_number) == ("received", True, "EO-881")
    assert cycle.parameters == [DOSE]
    assert ProcessCycleRecorded(cycle.pk, cycle.batch_id, conforming=True) in told
    steps = list(cycle.event_links.order_by("pk").values_list("event__biz_step", flat=True))
    assert steps == ["departing", "arriving"]
    assert cycle.event_links.order_by("pk")[0].event.subjects.count() == 4


@pytest.mark.urs("PRD-04", "PRD-05")
def test_release_waits_for_the_order_and_for_a_conforming_cycle(
    ada: User, ben: User, order: WorkOrder, away: Location
) -> None:
    both = {"production.work_order_open", "production.process_missing"}
    assert release_blockers(ada, order) == both
    complete_work_order(ctx_for(ada), work_order_id=order.pk)
    assert release_blockers(ada, order) == {"production.process_missing"}
    cycle = send(ada, order, away)
    assert release_blockers(ada, order) == {"production.process_away"}
    receive(ben, cycle, conforming=False)
    assert release_blockers(ada, order) == {"production.process_failed"}
    # Quality holds the lot at once; it goes out again when somebody else lifts the hold.
    for hold in Hold.objects.open().filter(lines__lot=order.batch):
        release_hold(signed(ada, reason="once more, by the same validated cycle"), hold_id=hold.pk)
    receive(ada, send(ada, order, away))
    assert release_blockers(ada, order) == set()


def test_a_unit_made_after_the_load_left_blocks_release(
    ada: User, site: Site, order: WorkOrder, away: Location
) -> None:
    receive(ada, send(ada, order, away))
    report_production(ctx_for(ada), work_order_id=order.pk, units=serials(2))
    complete_work_order(ctx_for(ada), work_order_id=order.pk)
    assert release_blockers(ada, order) == {"production.process_not_in_load"}


def test_a_process_that_is_not_required_does_not_block(ada: User, order: WorkOrder) -> None:
    complete_work_order(ctx_for(ada), work_order_id=order.pk)
    require_process(ctx_for(ada), item_id=order.item_id, kind="sterilisation", mandatory=False)
    assert release_blockers(ada, order) == set()


def test_release_checks_of_many_lots_cost_the_same(
    ada: User, order: WorkOrder, django_assert_max_num_queries: Any
) -> None:
    units = Lot.objects.filter(batch=order.batch).values_list("pk", flat=True)
    actor = ctx_for(ada).actor
    ids = [batch_of(order).pk, *units]
    with django_assert_max_num_queries(30):
        gates.blockers("lot.release", ids, actor)


def test_a_cycle_outside_its_limits_cannot_be_called_conforming(
    ada: User, order: WorkOrder, away: Location
) -> None:
    cycle = send(ada, order, away)
    with pytest.raises(OutOfLimits, match="dose"):
        receive(ada, cycle, parameters=[{**DOSE, "value": "24.9"}])
    receive(ada, cycle, parameters=[{**DOSE, "value": "24.9"}], conforming=False)


def test_a_held_unit_does_not_leave(ada: User, order: WorkOrder, away: Location) -> None:
    unit = Lot.objects.filter(batch=order.batch)[0]
    hold_lot(ctx_for(ada, reason="dent"), lot_id=unit.pk, cause="quality")
    with pytest.raises(Blocked) as refusal:
        send(ada, order, away)
    assert [b.code for b in refusal.value.blockers] == ["lot.on_hold"]


def test_what_is_away_cannot_be_sent_again(ada: User, order: WorkOrder, away: Location) -> None:
    send(ada, order, away)
    with pytest.raises(NothingToMove):
        send(ada, order, away)


def test_a_load_comes_back_once(ada: User, order: WorkOrder, away: Location) -> None:
    cycle = receive(ada, send(ada, order, away))
    with pytest.raises(IllegalStep):
        receive(ada, cycle)


def test_a_load_comes_back_to_a_place_of_the_site(
    ada: User, site: Site, other_site: Site, order: WorkOrder, away: Location
) -> None:
    cycle = send(ada, order, away)
    with pytest.raises(WrongPlace):
        receive(ada, cycle, to_location_id=place(other_site, "storage").pk)
    receive(ada, cycle, to_location_id=place(site, "quarantine").pk)
    lying = Balance.objects.filter(lot__batch=order.batch, quantity__gt=0)
    assert {b.location.kind for b in lying} == {"quarantine"}


def test_storage_is_no_subcontractor(ada: User, site: Site, order: WorkOrder) -> None:
    with pytest.raises(WrongPlace):
        send(ada, order, place(site, "storage"))


@pytest.mark.urs("SEC-01")
def test_strangers_and_auditors_send_nothing(
    ada: User, cleo: User, dan: User, order: WorkOrder, away: Location
) -> None:
    with pytest.raises(NotPermitted):
        send(cleo, order, away)
    with pytest.raises(NotFound):
        send(dan, order, away)


def test_finished_goods_go_to_storage_with_their_status(
    ada: User, site: Site, order: WorkOrder
) -> None:
    store = place(site, "storage")
    move_to_storage(ctx_for(ada), lot_id=batch_of(order).pk, to_location_id=store.pk)
    lying = Balance.objects.filter(lot__batch=order.batch, quantity__gt=0)
    assert {(b.location, b.status, b.quantity) for b in lying} == {
        (store, "quarantine", Decimal(1))
    }
    with pytest.raises(NothingToMove):
        move_to_storage(ctx_for(ada), lot_id=batch_of(order).pk, to_location_id=store.pk)


def test_issued_material_is_not_put_away_behind_the_orders_back(ada: User, site: Site) -> None:
    _order, lot = running(ada, site, issued=5)
    with pytest.raises(NothingToMove):
        move_to_storage(ctx_for(ada), lot_id=lot.pk, to_location_id=place(site, "storage").pk)
