"""Makes products in stock, orders and shipments for tests, through the operations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from erp.accounts.models import Site, User
from erp.core import clock
from erp.masterdata.models import Item, MarketAuthorisation, Partner
from erp.sales.models import SalesOrder, Shipment
from erp.sales.operations import allocate, ship_order, take_order
from tests.conftest import ctx_for
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item, make_partner
from traceability.models import Lot


def make_device(*countries: str, **more: Any) -> Item:
    """Make a device that may be sold in these countries."""
    values = {"kind": "product", "risk_class": "IIb", **more}
    item = make_item(**values)
    for country in countries:
        authorise(item, country)
    return item


def authorise(item: Item, country: str, **more: Any) -> MarketAuthorisation:
    """Give an item the right to be sold in a country."""
    values = {"kind": "MDR", "number": f"A-{item.pk}", "valid_from": days(-100), **more}
    return MarketAuthorisation.objects.create(item=item, country=country, **values)


def days(count: int) -> dt.date:
    """Return the day so many days from today."""
    return clock.today() + dt.timedelta(days=count)


def make_customer(**more: Any) -> Partner:
    """Make a customer with an address."""
    return make_partner(**{"address": "1 Clinic Road", "country": "DE", **more})


def ordered(
    user: User, site: Site, *items: Item, quantity: int | str = 10, **more: Any
) -> SalesOrder:
    """Take an order for a quantity of each item."""
    customer = more.pop("customer", None) or make_customer()
    lines = [{"item_id": item.pk, "quantity": str(quantity)} for item in items]
    return take_order(ctx_for(user), customer_id=customer.pk, site_id=site.pk, lines=lines, **more)


def promise(user: User, order: SalesOrder, *pairs: tuple[Lot, int | str]) -> SalesOrder:
    """Allocate quantities of lots."""
    lines = [{"lot_id": lot.pk, "quantity": str(quantity)} for lot, quantity in pairs]
    return allocate(ctx_for(user), order_id=order.pk, lines=lines)


def promised(
    user: User, site: Site, *, stock: int = 100, quantity: int = 10, **more: Any
) -> tuple[SalesOrder, Lot]:
    """Have a lot in stock and ten of it promised to an order."""
    item = make_device("DE")
    lot = lot_in_stock(user, site, item=item, quantity=stock, **more)
    order = ordered(user, site, item, quantity=quantity)
    promise(user, order, (lot, quantity))
    return order, lot


def shipped(user: User, site: Site, **more: Any) -> tuple[Shipment, Lot]:
    """Have a lot in stock and some of it shipped."""
    order, lot = promised(user, site, **more)
    return ship_order(ctx_for(user), order_id=order.pk), lot


def units_in_stock(user: User, site: Site, item: Item, count: int, **more: Any) -> list[Lot]:
    """Make units of one lot that lie in the store, each by itself."""
    batch = lot_in_stock(user, site, item=item, quantity=1)
    return [
        lot_in_stock(user, site, item=item, quantity=1, kind="serial", batch=batch, **more)
        for _ in range(count)
    ]
