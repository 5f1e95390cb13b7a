"""Shipping and returning: every gate again at the door, the ledger, the distribution record."""

from __future__ import annotations

import threading
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from erp.accounts.models import Site, User
from erp.core.errors import Blocked, Busy, IllegalStep, InvalidInput, NotFound, NotPermitted
from erp.inventory.models import Balance, StockMove
from erp.inventory.operations import hold_lot
from erp.masterdata.models import MarketAuthorisation
from erp.sales.errors import AllocationNotActive, NothingToShip, ReturnedMoreThanShipped
from erp.sales.events import GoodsReturned, ShipmentSent
from erp.sales.models import Allocation, Shipment, ShipmentLine
from erp.sales.operations import confirm_delivery, pick_allocation, return_goods, ship_order
from erp.sales.queries import distribution
from tests.conftest import ctx_for, make_person, make_site
from tests.inventory.builders import lot_in_stock
from tests.sales.builders import (
    days,
    make_customer,
    make_device,
    ordered,
    promise,
    promised,
    shipped,
    units_in_stock,
)
from traceability.models import Lot, TraceEvent

D = Decimal


@pytest.mark.urs("SAL-01")
def test_a_shipment_leaves_our_stock_with_its_trace(
    ben: User, site: Site, told: list[object]
) -> None:
    order, lot = promised(ben, site, stock=30, quantity=10)
    pick_allocation(ctx_for(ben), order_id=order.pk)
    shipment = ship_order(ctx_for(ben), order_id=order.pk, carrier="DHL", tracking="00340")
    assert (shipment.number[:3], shipment.state, shipment.carrier) == ("SH-", "in_transit", "DHL")
    assert Balance.objects.get(lot=lot, quantity__gt=0).quantity == 20
    assert StockMove.objects.filter(lot=lot).last().to_location.kind == "customer"  # type: ignore[union-attr]
    event = TraceEvent.objects.get(biz_step="shipping", site=site)
    assert (event.kind, event.action, event.disposition) == ("object", "OBSERVE", "in_transit")
    assert list(event.inputs.values_list("lot", "quantity")) == [(lot.pk, D(10))]
    assert event.shipment_link.shipment == shipment
    order.refresh_from_db()
    assert order.state == "shipped"
    assert Allocation.objects.get(lot=lot).state == "shipped"
    assert ShipmentSent(shipment.pk, order.pk, order.customer_id, (lot.pk,)) in told


def test_an_order_stays_open_until_everything_left(ben: User, site: Site) -> None:
    item = make_device("DE")
    lots = [lot_in_stock(ben, site, item=item, quantity=5) for _ in range(2)]
    order = ordered(ben, site, item, quantity=10)
    promise(ben, order, (lots[0], 5), (lots[1], 5))
    first = Allocation.objects.get(lot=lots[0])
    ship_order(ctx_for(ben), order_id=order.pk, allocation_ids=[first.pk])
    order.refresh_from_db()
    assert order.state == "open"
    ship_order(ctx_for(ben), order_id=order.pk)
    order.refresh_from_db()
    assert order.state == "shipped"
    assert order.shipments.count() == 2


def test_nothing_reserved_nothing_shipped(ben: User, site: Site) -> None:
    order = ordered(ben, site, make_device("DE"))
    with pytest.raises(NothingToShip):
        ship_order(ctx_for(ben), order_id=order.pk)


@pytest.mark.urs("SAL-02")
def test_without_authorisation_nothing_leaves_for_the_country(ben: User, site: Site) -> None:
    order, lot = promised(ben, site)
    MarketAuthorisation.objects.filter(item=lot.item).update(valid_until=days(-1))
    with pytest.raises(Blocked) as refusal:
        ship_order(ctx_for(ben), order_id=order.pk)
    assert [b.code for b in refusal.value.blockers] == ["sales.not_authorised"]
    assert not Shipment.objects.filter(order=order).exists()


@pytest.mark.urs("SAL-02")
def test_a_lot_that_expired_since_it_was_promised_stays(ben: User, site: Site) -> None:
    order, lot = promised(ben, site, expires_on=days(10))
    Lot.objects.filter(pk=lot.pk).update(expires_on=days(-1))
    with pytest.raises(Blocked) as refusal:
        ship_order(ctx_for(ben), order_id=order.pk)
    assert [b.code for b in refusal.value.blockers] == ["lot.expired"]


@pytest.mark.urs("INV-02")
def test_a_promise_broken_by_a_hold_is_not_shipped(ben: User, site: Site) -> None:
    order, lot = promised(ben, site)
    broken = Allocation.objects.get(lot=lot)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    with pytest.raises(NothingToShip):
        ship_order(ctx_for(ben), order_id=order.pk)
    with pytest.raises(AllocationNotActive) as refusal:
        ship_order(ctx_for(ben), order_id=order.pk, allocation_ids=[broken.pk])
    assert [b.code for b in refusal.value.blockers] == ["sales.allocation_not_active"]


@pytest.mark.urs("SAL-03")
def test_the_distribution_record_says_who_received_what_where_and_when(
    ben: User, site: Site
) -> None:
    item = make_device("DE", tracking="both")
    units = units_in_stock(ben, site, item, 3)
    order = ordered(
        ben, site, item, quantity=2, ship_to_name="St Mary", ship_to_address="5 Hill Road"
    )
    promise(ben, order, (units[0], 1), (units[1], 1))
    shipment = ship_order(ctx_for(ben), order_id=order.pk)
    return_goods(ctx_for(ben, reason="unopened"), shipment_id=shipment.pk, lines=_lines(units[0]))
    assert units[0].batch is not None
    rows = distribution([units[0].batch.pk])
    assert {(r.lot, r.consignee, r.address, r.country) for r in rows} == {
        (unit, "St Mary", "5 Hill Road", "DE") for unit in units[:2]
    }
    assert {r.lot: (r.quantity, r.returned) for r in rows} == {
        units[0]: (D(1), D(1)),
        units[1]: (D(1), D(0)),
    }
    assert {r.shipped_at for r in rows} == {shipment.shipped_at}


def test_the_consignee_is_kept_as_it_was(ben: User, site: Site) -> None:
    shipment, _lot = shipped(ben, site)
    shipment.customer.address = "moved"
    shipment.customer.save()
    shipment.refresh_from_db()
    assert shipment.ship_to_address == "1 Clinic Road"


def test_a_delivery_is_confirmed_once(ben: User, site: Site) -> None:
    shipment, _lot = shipped(ben, site)
    done = confirm_delivery(ctx_for(ben), shipment_id=shipment.pk, received_by="Dr Moe")
    assert (done.state, done.received_by) == ("delivered", "Dr Moe")
    with pytest.raises(IllegalStep):
        confirm_delivery(ctx_for(ben), shipment_id=shipment.pk, received_by="Dr Moe")


def _lines(*lots: Lot, quantity: str = "1") -> list[dict[str, Any]]:
    return [{"lot_id": lot.pk, "quantity": quantity} for lot in lots]


@pytest.mark.urs("SAL-01")
def test_returned_goods_lie_in_quarantine(ben: User, site: Site, told: list[object]) -> None:
    shipment, lot = shipped(ben, site, stock=10, quantity=10)
    made = return_goods(
        ctx_for(ben, reason="box damaged"),
        shipment_id=shipment.pk,
        lines=_lines(lot, quantity="4"),
    )
    lying = Balance.objects.get(lot=lot, quantity__gt=0)
    assert (lying.location.kind, lying.status, lying.quantity) == ("quarantine", "quarantine", D(4))
    assert (made.number[:3], made.cause, made.location) == ("RT-", "box damaged", lying.location)
    assert (made.event.biz_step, made.event.disposition) == ("receiving", "returned")
    assert list(made.event.outputs.values_list("lot", "quantity")) == [(lot.pk, D(4))]
    lot.refresh_from_db()
    assert lot.state == "released"
    assert GoodsReturned(made.pk, shipment.pk, (lot.pk,)) in told


def test_a_returned_unit_is_in_quarantine_again(ben: User, site: Site) -> None:
    item = make_device("DE", tracking="both")
    (unit,) = units_in_stock(ben, site, item, 1)
    order = ordered(ben, site, item, quantity=1)
    promise(ben, order, (unit, 1))
    shipment = ship_order(ctx_for(ben), order_id=order.pk)
    return_goods(ctx_for(ben, reason="opened"), shipment_id=shipment.pk, lines=_lines(unit))
    unit.refresh_from_db()
    assert unit.state == "quarantine"
    again = ordered(ben, site, item, quantity=1)
    with pytest.raises(Blocked) as refusal:
        promise(ben, again, (unit, 1))
    assert "lot.not_released" in {b.code for b in refusal.value.blockers}


@pytest.mark.urs("SAL-01")
def test_more_than_was_shipped_cannot_come_back(ben: User, site: Site) -> None:
    shipment, lot = shipped(ben, site, quantity=10)
    other = lot_in_stock(ben, site)
    with pytest.raises(ReturnedMoreThanShipped) as refusal:
        return_goods(
            ctx_for(ben, reason="x"),
            shipment_id=shipment.pk,
            lines=[*_lines(lot, quantity="11"), *_lines(other)],
        )
    assert len(refusal.value.blockers) == 2
    for quantity in ("7", "3"):
        return_goods(
            ctx_for(ben, reason="x"), shipment_id=shipment.pk, lines=_lines(lot, quantity=quantity)
        )
    with pytest.raises(ReturnedMoreThanShipped):
        return_goods(ctx_for(ben, reason="x"), shipment_id=shipment.pk, lines=_lines(lot))


def test_a_return_needs_a_reason(ben: User, site: Site) -> None:
    shipment, lot = shipped(ben, site)
    with pytest.raises(InvalidInput) as refusal:
        return_goods(ctx_for(ben), shipment_id=shipment.pk, lines=_lines(lot))
    assert [f.name for f in refusal.value.faults] == ["reason"]


@pytest.mark.urs("SEC-01")
def test_strangers_and_auditors_ship_and_return_nothing(
    ben: User, cleo: User, dan: User, site: Site
) -> None:
    order, _lot = promised(ben, site)
    shipment, lot = shipped(ben, site)
    with pytest.raises(NotPermitted):
        ship_order(ctx_for(cleo), order_id=order.pk)
    with pytest.raises(NotFound):
        ship_order(ctx_for(dan), order_id=order.pk)
    with pytest.raises(NotFound):
        return_goods(ctx_for(dan, reason="x"), shipment_id=shipment.pk, lines=_lines(lot))


def test_a_shipment_of_many_units_costs_a_fixed_number_of_queries(
    ben: User, site: Site, django_assert_max_num_queries: Any
) -> None:
    item = make_device("DE", tracking="both")
    units = units_in_stock(ben, site, item, 40)
    order = ordered(ben, site, item, quantity=40)
    ctx = ctx_for(ben)
    with django_assert_max_num_queries(30):
        promise(ben, order, *((unit, 1) for unit in units))
    with django_assert_max_num_queries(45):
        ship_order(ctx, order_id=order.pk)
    assert ShipmentLine.objects.filter(shipment__order=order).count() == 40


@pytest.mark.urs("INV-02")
def test_a_hold_and_a_shipment_at_once_never_both_win_unseen(committed: None) -> None:
    """Either the goods left before the hold and it knows, or the hold broke the promise."""
    mark = uuid.uuid4().hex[:8]
    site = make_site(f"H{mark}")
    codes = ["sales.take_order", "sales.allocate", "sales.ship_order", "inventory.hold_lot"]
    user = make_person(f"holder-{mark}", may=codes, site=site)
    item = make_device("DE", code=f"HI-{mark}")
    lot = lot_in_stock(user, site, item=item, quantity=10, number=f"HOLD-{mark}")
    order = ordered(user, site, item, customer=make_customer(code=f"H-{mark}"))
    promise(user, order, (lot, 10))
    outcomes: list[str] = []

    def ship() -> None:
        try:
            ship_order(ctx_for(user), order_id=order.pk)
            outcomes.append("shipped")
        except (Blocked, NothingToShip, Busy) as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    def hold() -> None:
        try:
            hold_lot(ctx_for(user, reason="dent"), lot_id=lot.pk, cause="quality")
        finally:
            connection.close()

    threads = [threading.Thread(target=ship), threading.Thread(target=hold)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    state = Allocation.objects.get(lot=lot).state
    assert (state == "shipped") == (outcomes == ["shipped"])
    assert state in {"shipped", "broken"}
