"""What higher apps derive from events follows when an event is declared wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp.accounts.models import Site, User
from erp.core.errors import Blocked
from erp.production import queries as production
from erp.production.operations import complete_work_order, report_production, return_material
from erp.sales import queries as sales
from erp.sales.operations import allocate, confirm_delivery, return_goods, ship_order
from procurement.models import PurchaseOrderLine
from quality.inspection.models import Inspection
from tests.conftest import ctx_for
from tests.inventory.builders import balances, declare_wrong, last_event, lies_balanced
from tests.masterdata.builders import place
from tests.procurement.builders import ordered, received
from tests.production.builders import running, serials, used
from tests.sales.builders import promised, shipped
from traceability.models import Lot

pytestmark = pytest.mark.django_db


@pytest.mark.urs("TRC-08")
def test_an_issue_declared_wrong_leaves_the_orders_account(ben: User, site: Site) -> None:
    order, lot = running(ben, site, issued=10)
    declare_wrong(ben, last_event(lot, "picking"))
    assert production.remaining_by_lot([order.pk]) == {}
    assert balances(lot) == {(lot.number, "storage", "available"): Decimal(10)}


@pytest.mark.urs("TRC-08")
def test_a_report_declared_wrong_is_reported_again_with_the_same_serials(
    ben: User, site: Site
) -> None:
    order, lot = running(ben, site, quantity=2, issued=10)
    units = serials(2)
    report: Any = {"work_order_id": order.pk, "units": units}
    report_production(ctx_for(ben), **report, consumed=used((lot, 9)))
    unit = Lot.objects.get(number=units[0]["serial"])
    declare_wrong(ben, last_event(unit, "commissioning"), error="incorrect_data")
    assert production.output_of(order) == (Decimal(0), Decimal(0))
    assert production.remaining_by_lot([order.pk]) == {(order.pk, lot.pk): Decimal(10)}
    report_production(ctx_for(ben), **report, consumed=used((lot, 2)))
    assert production.output_of(order) == (Decimal(2), Decimal(0))
    assert Lot.objects.filter(number=unit.number).count() == 1
    assert lies_balanced(lot, unit)


def test_the_account_of_a_completed_order_is_closed(ben: User, site: Site) -> None:
    order, lot = running(ben, site, quantity=1, issued=2)
    report_production(
        ctx_for(ben), work_order_id=order.pk, units=serials(1), consumed=used((lot, 1))
    )
    store = place(site, "storage").pk
    values: Any = {"work_order_id": order.pk, "lot_id": lot.pk, "quantity": "1"}
    return_material(ctx_for(ben), **values, to_location_id=store)
    complete_work_order(ctx_for(ben), work_order_id=order.pk)
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, last_event(lot, "commissioning"))
    assert "production.order_closed" in [b.code for b in refusal.value.blockers]


@pytest.mark.urs("TRC-08")
def test_a_shipment_declared_wrong_is_void_and_its_order_waits_again(ben: User, site: Site) -> None:
    shipment, lot = shipped(ben, site)
    before = balances(lot)
    declare_wrong(ben, last_event(lot, "shipping"))
    shipment.refresh_from_db()
    shipment.order.refresh_from_db()
    assert (shipment.state, shipment.order.state) == ("void", "open")
    assert sales.distribution([lot.pk]) == []
    (line,) = sales.line_status(shipment.order)
    assert (line.allocated, line.shipped) == (Decimal(0), Decimal(0))
    assert sum(balances(lot).values()) == sum(before.values()) + 10
    assert lies_balanced(lot)
    allocate(ctx_for(ben), order_id=shipment.order_id)
    ship_order(ctx_for(ben), order_id=shipment.order_id)


def test_what_was_delivered_comes_back_as_a_return(ben: User, site: Site) -> None:
    shipment, lot = shipped(ben, site)
    confirm_delivery(ctx_for(ben), shipment_id=shipment.pk, received_by="Goods in")
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, last_event(lot, "shipping"))
    assert [b.code for b in refusal.value.blockers] == ["sales.delivered"]


@pytest.mark.urs("TRC-08")
def test_a_return_is_corrected_before_its_shipment(ben: User, site: Site) -> None:
    shipment, lot = shipped(ben, site)
    return_goods(
        ctx_for(ben, reason="broken"), shipment_id=shipment.pk,
        lines=[{"lot_id": lot.pk, "quantity": "3"}],
    )  # fmt: skip
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, last_event(lot, "shipping"))
    assert [b.code for b in refusal.value.blockers] == ["sales.came_back"]
    declare_wrong(ben, last_event(lot, "receiving"))
    assert sales.returned_of(shipment.pk) == {}
    assert lies_balanced(lot)
    declare_wrong(ben, last_event(lot, "shipping"))


def test_a_reservation_is_free_after_its_shipment_is_void(ben: User, site: Site) -> None:
    order, lot = promised(ben, site)
    ship_order(ctx_for(ben), order_id=order.pk)
    declare_wrong(ben, last_event(lot, "shipping"))
    assert [a.state for a in lot.allocations.all()] == ["withdrawn"]


@pytest.mark.urs("TRC-08")
def test_a_receipt_declared_wrong_opens_its_order_again(ada: User, ben: User, site: Site) -> None:
    order = ordered(ben, ada, site)
    lot = received(ben, order).lines.get().lot
    declare_wrong(ben, last_event(lot, "receiving"))
    order.refresh_from_db()
    assert order.state == "ordered"
    line = PurchaseOrderLine.objects.with_received().get(order=order)
    assert line.received == 0
    assert not Inspection.objects.open().filter(lot=lot).exists()
    assert balances(lot) == {}
