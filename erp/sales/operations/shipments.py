"""Goods to customers, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp import gates
from erp.core.context import Context
from erp.core.errors import Blocked, Blocker
from erp.core.quantities import ZERO, plain
from erp.inventory.errors import WrongPlace
from erp.inventory.packing.gates import SHIP_UNIT
from erp.inventory.queries import with_batches
from erp.masterdata.models import Location
from erp.operations import Reason, operation
from erp.sales import locking, queries, steps
from erp.sales.errors import NoQuarantinePlace, NothingToShip, ReturnedMoreThanShipped
from erp.sales.events import GoodsReturned, ShipmentSent
from erp.sales.inputs import ConfirmDelivery, ReturnGoods, ShipOrder
from erp.sales.models import Allocation, CustomerReturn, SalesOrder, Shipment, ShipmentLine
from erp.sales.operations.allocations import chosen_allocations
from erp.sales.states import SALES_ORDER, SHIPMENT, OrderState, ShipmentState
from traceability.gates import SHIP, ref
from traceability.locking import lock_lots
from traceability.models import LogisticUnit, Lot
from traceability.packing.locking import lock_units
from traceability.packing.queries import inside


def known_beforehand(order: SalesOrder, actor: Any) -> list[Blocker]:
    """Return what would refuse shipping everything reserved now."""
    active = Allocation.objects.active().filter(line__order=order)
    lots = set(active.values_list("lot_id", flat=True))
    if not lots:
        sentence = _("Nothing is reserved for this order yet. Allocate lots first.")
        return [Blocker("sales.nothing_allocated", sentence)]
    return gates.blockers(SHIP, lots, actor, country=order.country, customer=order.customer_id)


@operation(
    "sales.ship_order",
    title=gettext_lazy("Ship"),
    sentence=gettext_lazy("The reserved goods leave our stock for the customer."),
    noun="sales-orders",
    verb="ship",
    subject="sales.SalesOrder",
    subject_arg="order_id",
    creates="sales.Shipment",
    input=ShipOrder,
    states=SALES_ORDER,
    step="ship",
    primary=True,
    machine=True,
    blockers=known_beforehand,
    tells_time=True,
)
def ship_order(
    ctx: Context,
    *,
    order_id: int,
    allocation_ids: Sequence[int] = (),
    logistic_unit_ids: Sequence[int] = (),
    carrier: str = "",
    tracking: str = "",
) -> Shipment:
    """Ship the named reservations, or all. Every gate is asked again at the door.

    Boxes and pallets leave as a whole: all that lies in them is reserved for this order.
    """
    lots = _lock_promised(ctx, order_id, allocation_ids)
    units = lock_units(ctx, inside(logistic_unit_ids))
    order = locking.lock_order(ctx, order_id)
    SALES_ORDER.next(OrderState(order.state), "ship")
    # A reservation made since the lots were locked is not among them and waits for the next one.
    chosen = [a for a in chosen_allocations(ctx, order, allocation_ids) if a.lot_id in lots]
    if not chosen:
        raise NothingToShip(order=order.number)
    leaving = {a.lot_id for a in chosen}
    gates.ask(ctx, SHIP, leaving, country=order.country, customer=order.customer_id)
    if logistic_unit_ids:
        gates.ask(ctx, SHIP_UNIT, logistic_unit_ids)
        _refuse_others_goods(units, chosen)
    transport = steps.Transport(carrier, tracking, units)
    shipment = steps.send(ctx, order, chosen, lots, transport)
    if all(s.shipped >= s.line.quantity for s in queries.line_status(order)):
        steps.advance(order, "close")
    ctx.emit(ShipmentSent(shipment.pk, order.pk, order.customer_id, tuple(sorted(leaving))))
    return shipment


def _refuse_others_goods(units: Mapping[int, LogisticUnit], chosen: Sequence[Allocation]) -> None:
    """Refuse a box with something in it that is not reserved for the order."""
    promised: dict[tuple[int, int], Decimal] = {}
    for allocation in chosen:
        key = (allocation.lot_id, allocation.location_id)
        promised[key] = promised.get(key, ZERO) + allocation.quantity
    packed: dict[tuple[int, int], Decimal] = {}
    for unit_id, content in inside(units).items():
        for lot_id, quantity in content.lots.items():
            key = (lot_id, units[unit_id].location_id)
            packed[key] = packed.get(key, ZERO) + quantity
    lots = Lot.objects.in_bulk({lot_id for lot_id, _place in packed})
    blockers = []
    for key, quantity in packed.items():
        if promised.get(key, ZERO) < quantity:
            facts = {
                "lot": lots[key[0]].number,
                "packed": plain(quantity),
                "promised": plain(promised.get(key, ZERO)),
            }
            sentence = _("%(lot)s: %(packed)s packed, %(promised)s reserved for the order.") % facts
            blockers.append(Blocker("sales.not_reserved", sentence, ref(lots[key[0]])))
    if blockers:
        raise Blocked(blockers=blockers)


def _lock_promised(ctx: Context, order_id: int, allocation_ids: Sequence[int]) -> dict[int, Lot]:
    promised = Allocation.objects.active().filter(line__order_id=order_id)
    if allocation_ids:
        promised = promised.filter(pk__in=allocation_ids)
    return lock_lots(ctx, with_batches(promised.values_list("lot_id", flat=True)))


@operation(
    "sales.confirm_delivery",
    title=gettext_lazy("Confirm delivery"),
    sentence=gettext_lazy("The consignee has received the shipment."),
    noun="shipments",
    verb="confirm-delivery",
    subject="sales.Shipment",
    subject_arg="shipment_id",
    input=ConfirmDelivery,
    states=SHIPMENT,
    step="deliver",
    primary=True,
    machine=True,
)
def confirm_delivery(ctx: Context, *, shipment_id: int, received_by: str) -> Shipment:
    """Keep the proof of delivery: from now on the shipment is no longer in transit."""
    shipment = locking.lock_shipment(ctx, shipment_id)
    shipment.state = SHIPMENT.next(ShipmentState(shipment.state), "deliver")
    shipment.delivered_at = steps.happened_at(ctx)
    shipment.received_by = received_by
    shipment.save(update_fields=["state", "delivered_at", "received_by"])
    return shipment


@operation(
    "sales.return_goods",
    title=gettext_lazy("Return goods"),
    sentence=gettext_lazy(
        "What came back goes into quarantine and is inspected before anything else."
    ),
    noun="shipments",
    verb="return",
    subject="sales.Shipment",
    subject_arg="shipment_id",
    creates="sales.CustomerReturn",
    input=ReturnGoods,
    reason=Reason.REQUIRED,
    tells_time=True,
)
def return_goods(
    ctx: Context,
    *,
    shipment_id: int,
    lines: Sequence[Mapping[str, Any]],
    location_id: int | None = None,
) -> CustomerReturn:
    """Receive returned goods into quarantine, never more than the shipment delivered (7.5.8)."""
    asked = _per_lot(lines)
    lots = lock_lots(ctx, asked)
    shipment = locking.lock_shipment(ctx, shipment_id)
    location = _quarantine_store(shipment, location_id)
    wanted = _refuse_excess(shipment, asked, lots)
    made = steps.take_back(ctx, shipment, location, wanted, lots)
    ctx.emit(GoodsReturned(made.pk, shipment.pk, tuple(sorted(asked))))
    return made


def _per_lot(lines: Sequence[Mapping[str, Any]]) -> dict[int, Decimal]:
    asked: dict[int, Decimal] = {}
    for line in lines:
        asked[line["lot_id"]] = asked.get(line["lot_id"], ZERO) + line["quantity"]
    return asked


def _refuse_excess(
    shipment: Shipment, asked: Mapping[int, Decimal], lots: Mapping[int, Lot]
) -> dict[ShipmentLine, Decimal]:
    shipped = {line.lot_id: line for line in shipment.lines.filter(lot_id__in=asked)}
    returned = queries.returned_of(shipment.pk)
    blockers = []
    for lot_id, quantity in asked.items():
        line = shipped.get(lot_id)
        left = line.quantity - returned.get(line.pk, ZERO) if line else ZERO
        if quantity > left:
            facts = {
                "lot": lots[lot_id].number,
                "asked": plain(quantity),
                "left": plain(left),
                "shipment": shipment.number,
            }
            sentence = _("%(lot)s: %(asked)s returned, %(left)s left of %(shipment)s.") % facts
            blockers.append(Blocker("sales.returned_too_much", sentence, ref(lots[lot_id])))
    if blockers:
        raise ReturnedMoreThanShipped(blockers=blockers)
    return {shipped[lot_id]: quantity for lot_id, quantity in asked.items()}


def _quarantine_store(shipment: Shipment, location_id: int | None) -> Location:
    stores = Location.objects.filter(site_id=shipment.site_id, kind=Location.Kind.QUARANTINE)
    if location_id is None:
        first = stores.order_by("code").first()
        if first is None:
            raise NoQuarantinePlace(site=shipment.site_id)
        return first
    place = Location.objects.get(pk=location_id)
    if place.kind != Location.Kind.QUARANTINE or place.site_id != shipment.site_id:
        raise WrongPlace(location=place.code, kind=place.get_kind_display())
    return place
