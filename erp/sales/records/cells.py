"""Pills, links and numbers that the pages of sales share."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp.core.quantities import plain
from erp.masterdata.models import Item, Partner
from erp.sales.models import Allocation, CustomerReturn, SalesOrder, Shipment
from erp.sales.states import (
    ALLOCATION,
    SALES_ORDER,
    SHIPMENT,
    AllocationState,
    OrderState,
    ShipmentState,
)
from erp.ui.page import Link, Moment, Number, Pill


def order_pill(order: SalesOrder) -> Pill:
    """Return the state of a sales order."""
    state = OrderState(order.state)
    return Pill(SALES_ORDER.labels[state], SALES_ORDER.tones[state])


def allocation_pill(allocation: Allocation) -> Pill:
    """Return the state of an allocation."""
    state = AllocationState(allocation.state)
    return Pill(ALLOCATION.labels[state], ALLOCATION.tones[state])


def shipment_pill(shipment: Shipment) -> Pill:
    """Return the state of a shipment."""
    state = ShipmentState(shipment.state)
    return Pill(SHIPMENT.labels[state], SHIPMENT.tones[state])


def order_link(order: SalesOrder) -> Link:
    """Return the link to a sales order by its number."""
    return Link(order.number, f"/sales-orders/{order.pk}/", mono=True)


def shipment_link(shipment: Shipment) -> Link:
    """Return the link to a shipment by its number."""
    return Link(shipment.number, f"/shipments/{shipment.pk}/", mono=True)


def return_link(made: CustomerReturn) -> Link:
    """Return the link to a customer return by its number."""
    return Link(made.number, f"/returns/{made.pk}/", mono=True)


def item_link(item: Item) -> Link:
    """Return the link to an item by its number."""
    return Link(item.code, f"/items/{item.pk}/", mono=True)


def partner_link(partner: Partner) -> Link:
    """Return the link to a partner by its name."""
    return Link(partner.name, f"/partners/{partner.pk}/")


def in_unit(quantity: Decimal, item: Item) -> Number:
    """Return a quantity with the unit of its item."""
    return Number(plain(quantity), item.get_unit_display())


def moment(at: dt.datetime | None) -> Moment | None:
    """Return an instant for a page, ``None`` where there is none."""
    return Moment(at) if at else None


def iso(at: dt.datetime | dt.date | None) -> str | None:
    """Return a date or instant for the API."""
    return at.isoformat() if at else None
