"""Promises: never twice, never what may not leave, broken by a hold in the same instant."""

from __future__ import annotations

import threading
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from erp.accounts.models import Site, User
from erp.core.actor import Actor
from erp.core.errors import Blocked, Busy, IllegalStep, NotFound, NotPermitted
from erp.inventory.errors import NotEnoughStock
from erp.inventory.models import Hold
from erp.inventory.operations import hold_lot
from erp.sales.errors import AllocationNotActive, NothingToShip, NotOrdered
from erp.sales.events import AllocationsBroken
from erp.sales.models import Allocation
from erp.sales.operations import (
    agree_terms,
    allocate,
    confirm_put_back,
    pick_allocation,
    withdraw_allocation,
)
from erp.sales.queries import hold_impact, orders_with_broken, proposal
from tests.conftest import ctx_for, make_person, make_site
from tests.inventory.builders import lot_in_stock
from tests.sales.builders import (
    authorise,
    days,
    make_customer,
    make_device,
    ordered,
    promise,
    promised,
    shipped,
    units_in_stock,
)

D = Decimal


def actor(user: User) -> Actor:
    return ctx_for(user).actor


@pytest.mark.urs("SAL-01")
def test_what_is_promised_to_one_order_is_not_free_for_another(ben: User, site: Site) -> None:
    order, lot = promised(ben, site, stock=15, quantity=10)
    assert Allocation.objects.get(lot=lot).number == f"{order.number}/1"
    other = ordered(ben, site, lot.item)
    with pytest.raises(NotEnoughStock) as refusal:
        promise(ben, other, (lot, 6))
    assert "5 free" in str(refusal.value.blockers[0].sentence)
    promise(ben, other, (lot, 5))


def test_every_short_lot_is_named(ben: User, site: Site) -> None:
    one, two = make_device("DE"), make_device("DE")
    lots = [lot_in_stock(ben, site, item=item, quantity=1) for item in (one, two)]
    order = ordered(ben, site, one, two, quantity=5)
    with pytest.raises(NotEnoughStock) as refusal:
        promise(ben, order, (lots[0], 2), (lots[1], 3))
    assert [b.record.label for b in refusal.value.blockers if b.record] == [
        lot.number for lot in lots
    ]


def test_a_lot_in_two_places_is_taken_from_the_fuller_one_first(ben: User, site: Site) -> None:
    order, _lot = promised(ben, site, stock=10, quantity=10)
    (allocation,) = Allocation.objects.filter(line__order=order)
    assert (allocation.location.kind, allocation.quantity) == ("storage", 10)


def test_more_than_ordered_and_what_was_not_ordered_is_refused(ben: User, site: Site) -> None:
    item = make_device("DE")
    lot = lot_in_stock(ben, site, item=item)
    foreign = lot_in_stock(ben, site, item=make_device("DE"))
    order = ordered(ben, site, item, quantity=3)
    with pytest.raises(NotOrdered) as refusal:
        promise(ben, order, (lot, 4), (foreign, 1))
    codes = {b.code for b in refusal.value.blockers}
    assert codes == {"sales.item_not_ordered", "sales.more_than_ordered"}


@pytest.mark.urs("SAL-02")
def test_all_that_speaks_against_a_lot_is_said_at_once(ben: User, ada: User, site: Site) -> None:
    item = make_device("FR")
    lot = lot_in_stock(ben, site, item=item, state="quarantine", expires_on=days(-1))
    customer = make_customer(country="DE")
    agree_terms(ctx_for(ada), customer_id=customer.pk, minimum_life_days=30)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    order = ordered(ben, site, item, customer=customer)
    with pytest.raises(Blocked) as refusal:
        promise(ben, order, (lot, 1))
    assert {b.code for b in refusal.value.blockers} == {
        "lot.not_released",
        "lot.expired",
        "lot.on_hold",
        "sales.not_authorised",
        "sales.too_little_life",
    }


@pytest.mark.urs("SAL-02")
def test_a_customers_minimum_life_is_kept(ben: User, ada: User, site: Site) -> None:
    item = make_device("DE")
    short = lot_in_stock(ben, site, item=item, expires_on=days(100))
    long = lot_in_stock(ben, site, item=item, expires_on=days(400))
    customer = make_customer()
    agree_terms(ctx_for(ada), customer_id=customer.pk, minimum_life_days=180)
    order = ordered(ben, site, item, customer=customer)
    with pytest.raises(Blocked) as refusal:
        promise(ben, order, (short, 1))
    assert [b.code for b in refusal.value.blockers] == ["sales.too_little_life"]
    promise(ben, order, (long, 1))


def test_a_material_needs_no_authorisation(ben: User, site: Site) -> None:
    item = make_device(risk_class="")
    promise(ben, ordered(ben, site, item), (lot_in_stock(ben, site, item=item), 1))


def test_an_authorisation_counts_only_in_its_period(ben: User, site: Site) -> None:
    item = make_device()
    lot = lot_in_stock(ben, site, item=item)
    order = ordered(ben, site, item)
    authorise(item, "DE", number="OLD", valid_until=days(-1))
    authorise(item, "DE", number="NEW", valid_from=days(1))
    with pytest.raises(Blocked):
        promise(ben, order, (lot, 1))
    authorise(item, "DE", number="NOW")
    promise(ben, order, (lot, 1))


@pytest.mark.urs("SAL-01")
def test_without_lots_the_first_expiring_are_taken(ben: User, ada: User, site: Site) -> None:
    item = make_device("DE")
    late = lot_in_stock(ben, site, item=item, quantity=50, expires_on=days(400))
    early = lot_in_stock(ben, site, item=item, quantity=4, expires_on=days(200))
    held = lot_in_stock(ben, site, item=item, quantity=50, expires_on=days(190))
    lot_in_stock(ben, site, item=item, quantity=50, expires_on=days(20))
    hold_lot(ctx_for(ben, reason="dent"), lot_id=held.pk, cause="quality")
    customer = make_customer()
    agree_terms(ctx_for(ada), customer_id=customer.pk, minimum_life_days=90)
    order = ordered(ben, site, item, customer=customer)
    assert [(w.lot_id, w.quantity) for w in proposal(order)] == [
        (early.pk, D(4)),
        (late.pk, D(6)),
    ]
    allocate(ctx_for(ben), order_id=order.pk)
    taken = Allocation.objects.filter(line__order=order).order_by("pk")
    assert [(a.lot, a.quantity) for a in taken] == [(early, 4), (late, 6)]
    assert proposal(order) == []


def test_the_proposal_takes_one_query_for_any_number_of_lines(
    ben: User, site: Site, django_assert_num_queries: Any
) -> None:
    items = [make_device("DE") for _ in range(8)]
    lots = [lot_in_stock(ben, site, item=item, quantity=6) for item in items for _ in range(2)]
    order = ordered(ben, site, *items, quantity=10)
    first = ordered(ben, site, items[0], quantity=1)
    promise(ben, first, (lots[0], 1))
    with django_assert_num_queries(5):
        found = proposal(order)
    taken = {wish.lot_id: wish.quantity for wish in found}
    assert [taken[lot.pk] for lot in lots] == [D(5), D(5), *[D(6), D(4)] * 7]


def test_with_nothing_to_promise_the_proposal_is_refused(ben: User, site: Site) -> None:
    order = ordered(ben, site, make_device("DE"))
    with pytest.raises(NotEnoughStock):
        allocate(ctx_for(ben), order_id=order.pk)


@pytest.mark.urs("INV-02")
def test_a_hold_breaks_what_was_promised_picked_or_not(
    ben: User, site: Site, told: list[object]
) -> None:
    order, lot = promised(ben, site, quantity=3)
    picked = ordered(ben, site, lot.item)
    promise(ben, picked, (lot, 2))
    pick_allocation(ctx_for(ben), order_id=picked.pk)
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    assert isinstance(hold, Hold)
    broken = Allocation.objects.filter(lot=lot)
    assert {(a.state, a.broken_by) for a in broken} == {("broken", hold)}
    assert [type(e) for e in told].count(AllocationsBroken) == 1
    assert list(orders_with_broken(actor(ben))) == [picked]
    impact = hold_impact(hold.pk)
    assert [len(rows) for rows in (impact.broken, impact.picked, impact.in_transit)] == [2, 1, 0]
    confirm_put_back(ctx_for(ben), order_id=picked.pk)
    assert not orders_with_broken(actor(ben))
    with pytest.raises(NothingToShip):
        confirm_put_back(ctx_for(ben), order_id=order.pk)


@pytest.mark.urs("INV-02")
def test_a_hold_on_a_lot_breaks_what_was_promised_of_its_units(ben: User, site: Site) -> None:
    item = make_device("DE", tracking="both")
    units = units_in_stock(ben, site, item, 2)
    order = ordered(ben, site, item, quantity=2)
    promise(ben, order, *((unit, 1) for unit in units))
    assert units[0].batch is not None
    hold_lot(ctx_for(ben, reason="dent"), lot_id=units[0].batch.pk, cause="quality")
    assert {a.state for a in Allocation.objects.filter(line__order=order)} == {"broken"}


def test_a_hold_names_the_shipments_that_are_on_their_way(ben: User, site: Site) -> None:
    shipment, lot = shipped(ben, site, quantity=4)
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    (moving,) = hold_impact(hold.pk).in_transit
    assert (moving.shipment, moving.quantity) == (shipment, D(4))


def test_a_withdrawn_promise_is_free_again_and_cannot_be_picked(ben: User, site: Site) -> None:
    order, lot = promised(ben, site, stock=10, quantity=10)
    (allocation,) = Allocation.objects.filter(line__order=order)
    withdraw_allocation(ctx_for(ben), order_id=order.pk, allocation_ids=[allocation.pk])
    with pytest.raises(AllocationNotActive):
        pick_allocation(ctx_for(ben), order_id=order.pk, allocation_ids=[allocation.pk])
    with pytest.raises(NothingToShip):
        pick_allocation(ctx_for(ben), order_id=order.pk)
    promise(ben, order, (lot, 10))


def test_the_promise_of_another_order_is_not_touched(ben: User, site: Site) -> None:
    order, _lot = promised(ben, site)
    _other, lot = promised(ben, site)
    foreign = Allocation.objects.get(lot=lot)
    with pytest.raises(NotFound):
        withdraw_allocation(ctx_for(ben), order_id=order.pk, allocation_ids=[foreign.pk])


@pytest.mark.urs("SEC-01")
def test_strangers_and_auditors_promise_nothing(
    ben: User, cleo: User, dan: User, site: Site
) -> None:
    order, lot = promised(ben, site, quantity=1)
    with pytest.raises(NotPermitted):
        promise(cleo, order, (lot, 1))
    with pytest.raises(NotFound):
        promise(dan, order, (lot, 1))


def test_nothing_is_promised_to_a_shipped_order(ben: User, site: Site) -> None:
    shipment, lot = shipped(ben, site)
    with pytest.raises(IllegalStep):
        promise(ben, shipment.order, (lot, 1))


@pytest.mark.urs("INV-01")
def test_of_many_who_want_the_last_stock_at_once_one_gets_it(committed: None) -> None:
    mark = uuid.uuid4().hex[:8]
    site = make_site(f"A{mark}")
    user = make_person(f"seller-{mark}", may=["sales.take_order", "sales.allocate"], site=site)
    item = make_device("DE", code=f"IT-{mark}")
    lot = lot_in_stock(user, site, item=item, quantity=10, number=f"LAST-{mark}")
    customer = make_customer(code=f"P-{mark}")
    orders = [ordered(user, site, item, customer=customer) for _ in range(4)]
    outcomes: list[str] = []

    def want(order_id: int) -> None:
        try:
            lines = [{"lot_id": lot.pk, "quantity": "10"}]
            allocate(ctx_for(user), order_id=order_id, lines=lines)
            outcomes.append("promised")
        except NotEnoughStock:
            outcomes.append("short")
        except Busy:
            outcomes.append("busy")
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=[order.pk]) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert outcomes.count("promised") == 1
    assert Allocation.objects.filter(lot=lot).count() == 1
