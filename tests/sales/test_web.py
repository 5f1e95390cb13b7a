"""The pages and doors of sales and delivery, with real shipments behind them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.test import Client

from erp.accounts.models import Site, User
from erp.core.actor import Actor
from erp.inventory.operations import hold_lot
from erp.sales.models import CustomerReturn, SalesOrder, Shipment, ShipmentLine
from erp.sales.operations import pick_allocation, return_goods
from erp.sales.trace import customer_events, customers, order_events, shipment_events
from erp.sales.trace import returns as returns_of
from erp.sales.trace import shipments as shipments_of
from erp.ui.home import SOURCES
from tests.conftest import ctx_for
from tests.inventory.builders import declare_wrong, lot_in_stock
from tests.sales.builders import make_device, ordered, promise, promised, shipped
from tests.traceability.builders import happen
from traceability.models import Lot, TraceEvent
from traceability.trace.balance import balance

D = Decimal


@pytest.fixture
def browser(ada: User) -> Client:
    """Return a browser in which Ada is signed in."""
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def sent(ada: User, site: Site) -> tuple[Shipment, Lot, CustomerReturn]:
    """Ten were shipped, three came back."""
    shipment, lot = shipped(ada, site)
    lines = [{"lot_id": lot.pk, "quantity": "3"}]
    ctx = ctx_for(ada, reason="box damaged")
    return shipment, lot, return_goods(ctx, shipment_id=shipment.pk, lines=lines)


def page(browser: Client, url: str) -> str:
    """Return the text of a page that must be there."""
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_the_pages_of_delivery_open(
    browser: Client, sent: tuple[Shipment, Lot, CustomerReturn]
) -> None:
    shipment, lot, back = sent
    assert "1 Clinic Road" in page(browser, f"/shipments/{shipment.pk}/")
    assert "box damaged" in page(browser, f"/returns/{back.pk}/")
    assert shipment.number in page(browser, f"/sales-orders/{shipment.order_id}/")
    text = page(browser, f"/partners/{shipment.customer_id}/")
    assert shipment.number in text
    for url in (
        f"/sales-orders/?state=shipped&customer={shipment.customer_id}&item={lot.item_id}",
        f"/shipments/?country=DE&item={lot.item_id}",
        "/returns/",
        "/do/sales.take_order/",
        f"/do/sales.return_goods/{shipment.pk}/",
    ):
        page(browser, url)


@pytest.mark.urs("SAL-03")
def test_the_page_of_a_lot_is_its_distribution_record(
    browser: Client, sent: tuple[Shipment, Lot, CustomerReturn]
) -> None:
    shipment, lot, _back = sent
    text = page(browser, f"/lots/{lot.pk}/")
    for word in ("Where it went", "1 Clinic Road", shipment.number):
        assert word in text


def test_an_open_order_offers_its_dialogs(browser: Client, ada: User, site: Site) -> None:
    item = make_device("DE")
    lot = lot_in_stock(ada, site, item=item)
    order = ordered(ada, site, item)
    assert "Nothing is reserved yet" in page(browser, f"/sales-orders/{order.pk}/")
    assert lot.number in page(browser, f"/do/sales.allocate/{order.pk}/")
    for verb in ("ship_order", "pick_allocation", "cancel_order"):
        page(browser, f"/do/sales.{verb}/{order.pk}/")


def test_a_broken_promise_is_a_task_and_stands_on_the_page_of_the_hold(
    browser: Client, ada: User, ben: User, site: Site
) -> None:
    order, lot = promised(ada, site)
    later = ordered(ada, site, lot.item)
    promise(ada, later, (lot, 5))
    pick_allocation(ctx_for(ada), order_id=order.pk)
    actor = ctx_for(ben).actor
    assert set(_queue("orders-to-ship", actor)) == {order, later}
    assert _queue("orders-to-allocate", actor) == [later]
    hold = hold_lot(ctx_for(ada, reason="dent"), lot_id=lot.pk, cause="quality")
    assert _queue("picked-goods-on-hold", actor) == [order]
    assert set(_queue("orders-to-allocate", actor)) == {order, later}
    assert "Reservations it broke" in page(browser, f"/holds/{hold.pk}/")
    assert "broken by a hold" in page(browser, f"/sales-orders/{order.pk}/")
    page(browser, "/")
    (lost,) = browser.get(f"/api/v1/sales-orders/{order.pk}/").json()["broken_allocations"]
    assert (lost["lot"], lost["broken_by"]) == (lot.number, hold.number)
    assert lost["picked_at"] is not None
    assert lost["put_back_at"] is None


def _queue(code: str, actor: Actor) -> list[SalesOrder]:
    (source,) = (s for s in SOURCES if s.code == code)
    return list(source.rows(actor))


def test_the_api_takes_allocates_and_ships(browser: Client, ada: User, site: Site) -> None:
    item = make_device("DE")
    lot = lot_in_stock(ada, site, item=item)
    order = ordered(ada, site, item)
    url = f"/api/v1/sales-orders/{order.pk}/"
    lines = json.dumps({"lines": [{"lot_id": lot.number, "quantity": "10"}]})
    answer = browser.post(f"{url}allocate/", lines, content_type="application/json")
    assert answer.status_code in {200, 201}, answer.content
    assert browser.get(url).json()["allocations"][0]["lot"] == lot.number
    answer = browser.post(f"{url}ship/", "{}", content_type="application/json")
    assert answer.status_code in {200, 201}, answer.content
    answer = browser.post(f"{url}ship/", "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "core.illegal_step")


def test_a_trace_knows_where_things_went(sent: tuple[Shipment, Lot, CustomerReturn]) -> None:
    shipment, lot, back = sent
    assert shipment_events([shipment.pk], None, None).count() == 2
    assert order_events([shipment.order_id], None, None).count() == 2
    assert customer_events([shipment.customer_id], None, None).count() == 2
    (row,) = shipments_of([], [lot.pk])
    assert (row.label, row.lot_ids) == (shipment.ship_to_name, (lot.pk,))
    assert [r.label for r in returns_of([], [lot.pk])] == [back.number]
    assert str(customers([], [lot.pk])) == "1 customer in 1 country"


def figures(lot: Lot) -> dict[str, Decimal]:
    """Return the mass balance of a lot."""
    return dict(balance([lot.pk])[0].figures)


def test_what_was_shipped_is_counted_once_whoever_recorded_it(
    ada: User, site: Site, sent: tuple[Shipment, Lot, CustomerReturn]
) -> None:
    _shipment, lot, _back = sent
    assert figures(lot)["shipped"] == D(7)
    assert balance([lot.pk])[0].closed
    happen(ada, site, {lot: 2}, kind="object", biz_step="shipping")
    assert figures(lot)["shipped"] == D(9)


def test_what_was_shipped_agrees_with_the_shipments_that_stand(
    ada: User, ben: User, site: Site
) -> None:
    shipment, lot = shipped(ada, site)
    assert figures(lot)["shipped"] == D(10)
    left = TraceEvent.objects.get(shipment_link__shipment=shipment)
    declare_wrong(ben, left, reason="It never left.")
    assert not ShipmentLine.objects.standing().filter(lot=lot).exists()
    assert figures(lot)["shipped"] == D(0)
    assert balance([lot.pk])[0].closed
