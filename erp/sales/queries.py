"""Reads of sales and delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce

from erp.core import clock
from erp.core.actor import Actor
from erp.core.quantities import DIGITS, PLACES, ZERO
from erp.inventory.models import Balance, HoldLine, StockStatus
from erp.inventory.queries import with_members
from erp.masterdata.models import Item, Location, MarketAuthorisation
from erp.sales.models import (
    Allocation,
    CustomerReturnLine,
    CustomerTerms,
    SalesOrder,
    SalesOrderLine,
    Shipment,
    ShipmentLine,
)
from erp.sales.rules import Wish
from erp.sales.states import AllocationState, OrderState, ShipmentState
from traceability.models import Lot
from traceability.states import LotState

SHIPPABLE_PLACES = (Location.Kind.STORAGE, Location.Kind.DISPATCH)
"""Where goods for customers lie. What lies at a line belongs to production."""


@dataclass(frozen=True, slots=True)
class LineStatus:
    """How far one order line is. Quantities in the item's unit."""

    line: SalesOrderLine
    allocated: Decimal
    shipped: Decimal

    @property
    def open(self) -> Decimal:
        """Return what is neither reserved nor shipped."""
        left: Decimal = self.line.quantity - self.allocated - self.shipped
        return max(ZERO, left)


def line_status(order: SalesOrder) -> list[LineStatus]:
    """Return how far each line of an order is; three queries whatever the number of lines."""
    lines = SalesOrderLine.objects.filter(order=order).select_related("item").order_by("pk")
    allocated = _by_line(Allocation.objects.active().filter(line__order=order), "line_id")
    shipped = _by_line(
        ShipmentLine.objects.standing().filter(order_line__order=order), "order_line_id"
    )
    return [
        LineStatus(line, allocated.get(line.pk, ZERO), shipped.get(line.pk, ZERO)) for line in lines
    ]


def _by_line(rows: QuerySet[Any], key: str) -> dict[int, Decimal]:
    return {row[key]: row["total"] for row in rows.values(key).annotate(total=Sum("quantity"))}


def free_stock(lot_ids: Collection[int], site_id: int) -> dict[tuple[int, int], Decimal]:
    """Return what may still be promised of these lots, by (lot, location)."""
    free = {
        (b.lot_id, b.location_id): b.quantity
        for b in _available(site_id).filter(lot_id__in=lot_ids)
    }
    promised = Allocation.objects.active().filter(lot_id__in=lot_ids)
    rows = promised.values_list("lot_id", "location_id").annotate(total=Sum("quantity"))
    for lot_id, location_id, total in rows:
        key = (lot_id, location_id)
        free[key] = free.get(key, ZERO) - total
    return {key: quantity for key, quantity in free.items() if quantity > ZERO}


def _available(site_id: int) -> QuerySet[Balance]:
    return Balance.objects.filter(
        status=StockStatus.AVAILABLE,
        quantity__gt=0,
        location__site_id=site_id,
        location__kind__in=SHIPPABLE_PLACES,
    )


def proposal(order: SalesOrder) -> list[Wish]:
    """Return which lots to allocate for everything still open: first expired, first out.

    Only what could really be promised is proposed: released, in date with the customer's minimum
    remaining life, not on hold, not promised to others. May meet less than what is open.
    """
    terms = CustomerTerms.objects.filter(customer_id=order.customer_id).first()
    days = terms.minimum_life_days if terms else 0
    until = clock.today() + dt.timedelta(days=days)
    wanted = {s.line.item_id: s.open for s in line_status(order) if s.open}
    rows = _first_expiring(order.site_id, wanted, until) if wanted else []
    return [
        Wish(b.lot_id, min(b.free, wanted[b.item_id] - b.before), b.location_id)  # type: ignore[attr-defined]
        for b in rows
    ]


def _first_expiring(
    site_id: int, wanted: Mapping[int, Decimal], until: dt.date
) -> QuerySet[Balance]:
    """Return the balances that fill what is wanted of each item, in the order they are taken.

    ``free`` is what may be promised there, ``before`` what all earlier ones of the item give.
    """
    order = [F("lot__expires_on").asc(nulls_last=True), F("lot_id").asc(), F("location_id").asc()]
    number: DecimalField[Any, Any] = DecimalField(max_digits=DIGITS, decimal_places=PLACES)
    whens = [When(lot__item_id=pk, then=Value(quantity)) for pk, quantity in wanted.items()]
    upto = Window(Sum("free"), partition_by=[F("lot__item_id")], order_by=order)
    rows = _promisable(site_id, wanted, until).annotate(
        item_id=F("lot__item_id"), before=upto - F("free")
    )
    needed = Case(*whens, output_field=number)
    return rows.filter(before__lt=needed).order_by("lot__item_id", *order)


def _promisable(site_id: int, item_ids: Collection[int], until: dt.date) -> QuerySet[Balance]:
    promised = _total(
        Allocation.objects.active().filter(lot=OuterRef("lot"), location=OuterRef("location")),
        "lot",
    )
    held = HoldLine.objects.filter(
        Q(lot=OuterRef("lot")) | Q(lot=OuterRef("lot__batch")), hold__released_at__isnull=True
    )
    rows = _available(site_id).filter(
        Q(lot__expires_on__isnull=True) | Q(lot__expires_on__gte=until),
        ~Exists(held),
        lot__item_id__in=list(item_ids),
        lot__state=LotState.RELEASED,
    )
    return rows.annotate(free=F("quantity") - promised).filter(free__gt=0)


def returned_of(shipment_id: int) -> dict[int, Decimal]:
    """Return how much of each line of a shipment came back already."""
    rows = CustomerReturnLine.objects.standing().filter(shipment_line__shipment_id=shipment_id)
    return _by_line(rows, "shipment_line_id")


def authorised_items(item_ids: Collection[int], country: str, on: dt.date) -> set[int]:
    """Return the items that may be sold in a country on a day."""
    rights = MarketAuthorisation.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=on),
        item_id__in=item_ids,
        country=country,
        valid_from__lte=on,
    )
    return set(rights.values_list("item_id", flat=True))


def devices_among(lot_ids: Collection[int]) -> QuerySet[Lot]:
    """Return those of these lots whose item is a device of some risk class."""
    return Lot.objects.filter(pk__in=lot_ids).exclude(item__risk_class="").select_related("item")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the distribution record: who received what, where and when (21 CFR 821)."""

    lot: Lot
    shipment: Shipment
    consignee: str
    address: str
    country: str
    shipped_at: dt.datetime
    quantity: Decimal
    returned: Decimal


def distribution(lot_ids: Iterable[int]) -> list[Delivery]:
    """Return where these lots and all their units went; two queries whatever their number."""
    rows = delivered_lines(ShipmentLine.objects.standing().filter(lot_id__in=with_members(lot_ids)))
    return [delivery_of(line) for line in rows]


def delivered_lines(lines: QuerySet[ShipmentLine]) -> QuerySet[ShipmentLine]:
    """Return shipment lines with what the distribution record says of them, newest first."""
    back = _total(
        CustomerReturnLine.objects.standing().filter(shipment_line=OuterRef("pk")), "shipment_line"
    )
    rows = lines.select_related("shipment__customer", "lot__item", "lot__batch")
    rows = rows.annotate(back=back)
    return rows.order_by("-shipment__shipped_at", "lot__number", "pk")


def delivery_of(line: ShipmentLine) -> Delivery:
    """Return the distribution row of one shipment line read by :func:`delivered_lines`."""
    shipment = line.shipment
    return Delivery(
        lot=line.lot,
        shipment=shipment,
        consignee=shipment.ship_to_name,
        address=shipment.ship_to_address,
        country=shipment.country,
        shipped_at=shipment.shipped_at,
        quantity=line.quantity,
        returned=line.back,  # type: ignore[attr-defined]
    )


@dataclass(frozen=True, slots=True)
class HoldImpact:
    """What a hold reaches in delivery: promises it broke and shipments that are on their way."""

    broken: list[Allocation]
    picked: list[Allocation]
    in_transit: list[Delivery]


def hold_impact(hold_id: int) -> HoldImpact:
    """Return what a hold broke and which shipments with its lots have not arrived yet."""
    held = HoldLine.objects.filter(hold_id=hold_id).values_list("lot_id", flat=True)
    broken = Allocation.objects.filter(broken_by_id=hold_id).select_related(
        "line__order__customer", "lot__item", "location"
    )
    moving = ShipmentLine.objects.standing().filter(
        lot_id__in=with_members(held), shipment__state=ShipmentState.IN_TRANSIT
    )
    rows = list(broken.order_by("number"))
    return HoldImpact(
        broken=rows,
        picked=[a for a in rows if a.picked_at is not None and a.put_back_at is None],
        in_transit=[delivery_of(line) for line in delivered_lines(moving)],
    )


def to_put_back() -> QuerySet[Allocation]:
    """Return broken allocations whose goods were picked and not put back yet."""
    return Allocation.objects.filter(
        state=AllocationState.BROKEN, picked_at__isnull=False, put_back_at__isnull=True
    )


def orders_of(actor: Actor) -> QuerySet[SalesOrder]:
    """Return the orders the actor may see with everything lists show, joined."""
    lines = SalesOrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
    count = Subquery(lines.annotate(n=Count("pk")).values("n"))
    rows = SalesOrder.objects.visible_to(actor).select_related("customer", "site")
    return rows.annotate(line_count=Coalesce(count, Value(0)))


def orders_to_allocate(actor: Actor) -> QuerySet[SalesOrder]:
    """Return open orders with a line that is neither reserved nor shipped in full."""
    return _open_orders(actor).filter(Exists(_unmet_lines()))


def orders_to_ship(actor: Actor) -> QuerySet[SalesOrder]:
    """Return open orders with something reserved or picked."""
    ready = Allocation.objects.active().filter(line__order=OuterRef("pk"))
    return _open_orders(actor).filter(Exists(ready))


def orders_with_broken(actor: Actor) -> QuerySet[SalesOrder]:
    """Return orders whose picked goods a hold broke and that must be put back."""
    broken = to_put_back().filter(line__order=OuterRef("pk"))
    return orders_of(actor).filter(Exists(broken)).order_by("due_on", "pk")


def _open_orders(actor: Actor) -> QuerySet[SalesOrder]:
    return orders_of(actor).filter(state=OrderState.OPEN).order_by("due_on", "pk")


def _unmet_lines() -> QuerySet[SalesOrderLine]:
    promised = _total(Allocation.objects.active().filter(line=OuterRef("pk")), "line")
    shipped = _total(
        ShipmentLine.objects.standing().filter(order_line=OuterRef("pk")), "order_line"
    )
    lines = SalesOrderLine.objects.filter(order=OuterRef("pk"))
    return lines.annotate(met=promised + shipped).filter(met__lt=F("quantity"))


def _total(rows: QuerySet[Any], key: str) -> Coalesce:
    sums = rows.order_by().values(key).annotate(total=Sum("quantity")).values("total")
    return Coalesce(Subquery(sums), Value(ZERO))


def item_choices() -> list[tuple[str, str]]:
    """Return the items that were ever ordered, for filters."""
    ordered = SalesOrderLine.objects.values("item_id")
    items = Item.objects.filter(pk__in=ordered).order_by("code")
    return [(str(pk), code) for pk, code in items.values_list("pk", "code")[:100]]
