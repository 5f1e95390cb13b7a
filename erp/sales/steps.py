"""Writes made inside operations and handlers of sales; the caller has locked the rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from erp.core import clock, numbering
from erp.core.context import Context
from erp.inventory.models import StockStatus
from erp.inventory.queries import virtual_place
from erp.inventory.steps import MoveLine, Place, move
from erp.masterdata.models import Location
from erp.sales.models import (
    Allocation,
    CustomerReturn,
    CustomerReturnLine,
    SalesOrder,
    SalesOrderLine,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
)
from erp.sales.rules import Take
from erp.sales.states import (
    ALLOCATION,
    SALES_ORDER,
    SHIPMENT,
    AllocationState,
    OrderState,
    ShipmentState,
)
from traceability.models import LogisticUnit, Lot, TraceEvent
from traceability.packing import steps as packing
from traceability.states import LotState
from traceability.steps import Happening, change_state, record

CHUNK = 5000


def happened_at(ctx: Context) -> dt.datetime:
    """Return when this happens: the time given with the call, else now."""
    return ctx.at or clock.now()


def advance(order: SalesOrder, verb: str) -> None:
    """Take a locked order along its state table."""
    order.state = SALES_ORDER.next(OrderState(order.state), verb)
    order.save(update_fields=["state"])


def reopen(orders: Iterable[SalesOrder]) -> None:
    """Let locked orders wait for goods again, those that waited for nothing."""
    for order in orders:
        if order.state == OrderState.SHIPPED:
            advance(order, "reopen")


def void_shipments(shipments: Iterable[Shipment]) -> None:
    """Say of locked shipments that they did not happen."""
    for shipment in shipments:
        shipment.state = SHIPMENT.next(ShipmentState(shipment.state), "void")
        shipment.save(update_fields=["state"])


def promise(
    ctx: Context, order: SalesOrder, takes: Sequence[Take], line_of: Mapping[int, SalesOrderLine]
) -> list[Allocation]:
    """Reserve quantities; ``line_of`` gives the order line of each lot."""
    before = Allocation.objects.filter(line__order=order).count()
    rows = [
        Allocation(
            number=f"{order.number}/{n}",
            line=line_of[take.lot_id],
            lot_id=take.lot_id,
            location_id=take.location_id,
            quantity=take.quantity,
            allocated_at=happened_at(ctx),
        )
        for n, take in enumerate(takes, start=before + 1)
    ]
    return Allocation.objects.bulk_create(rows, batch_size=CHUNK)


def change_allocations(allocations: Iterable[Allocation], verb: str, **values: Any) -> None:
    """Take locked allocations along one step of their state table; one illegal step refuses all."""
    by_state: dict[str, list[int]] = {}
    for allocation in allocations:
        allocation.state = ALLOCATION.next(AllocationState(allocation.state), verb)
        by_state.setdefault(allocation.state, []).append(allocation.pk)
    for state, pks in by_state.items():
        Allocation.objects.filter(pk__in=pks).update(state=state, **values)


@dataclass(frozen=True, slots=True)
class Transport:
    """With whom goods leave, and the locked boxes and pallets that leave as a whole."""

    carrier: str = ""
    tracking: str = ""
    units: Mapping[int, LogisticUnit] = field(default_factory=dict)


def send(
    ctx: Context,
    order: SalesOrder,
    allocations: Sequence[Allocation],
    lots: Mapping[int, Lot],
    transport: Transport,
) -> Shipment:
    """Write a shipment of allocations: its lines, the trace event, the ledger."""
    shipment = _open_shipment(ctx, order, transport)
    quantities, line_of = _per_lot(allocations)
    ShipmentLine.objects.bulk_create(
        [
            ShipmentLine(shipment=shipment, order_line_id=line_of[pk], lot_id=pk, quantity=quantity)
            for pk, quantity in quantities.items()
        ],
        batch_size=CHUNK,
    )
    event = record(
        ctx,
        Happening(
            kind="object",
            action="OBSERVE",
            biz_step="shipping",
            disposition="in_transit",
            site_id=order.site_id,
            inputs=quantities,
            units=sorted(transport.units),
            note=f"{shipment.number} → {shipment.ship_to_name}",
        ),
    )
    away = Place(virtual_place(order.site_id, Location.Kind.CUSTOMER))
    available = StockStatus.AVAILABLE
    moves = [
        MoveLine(lots[a.lot_id], a.quantity, Place(a.location, available), away)
        for a in allocations
    ]
    move(ctx, event, moves, carriers=transport.units)
    packing.advance(transport.units.values(), "ship")
    ShipmentEvent.objects.create(event=event, shipment=shipment)
    change_allocations(allocations, "ship")
    return shipment


def _open_shipment(ctx: Context, order: SalesOrder, transport: Transport) -> Shipment:
    return Shipment.objects.create(
        number=numbering.take_one("SH"),
        order=order,
        customer=order.customer,
        site=order.site,
        ship_to_name=order.ship_to_name,
        ship_to_address=order.ship_to_address,
        country=order.country,
        carrier=transport.carrier,
        tracking=transport.tracking,
        shipped_at=happened_at(ctx),
        shipped_by_id=ctx.actor.user_id,
    )


def _per_lot(allocations: Iterable[Allocation]) -> tuple[dict[int, Decimal], dict[int, int]]:
    """Return quantity and order line by lot; a lot taken from two places leaves as one."""
    quantities: dict[int, Decimal] = {}
    lines: dict[int, int] = {}
    for allocation in allocations:
        pk = allocation.lot_id
        quantities[pk] = quantities.get(pk, Decimal(0)) + allocation.quantity
        lines[pk] = allocation.line_id
    return quantities, lines


def take_back(
    ctx: Context,
    shipment: Shipment,
    location: Location,
    wanted: Mapping[ShipmentLine, Decimal],
    lots: Mapping[int, Lot],
) -> CustomerReturn:
    """Write a return: event, ledger into quarantine, units back to quarantine."""
    quantities = {line.lot_id: quantity for line, quantity in wanted.items()}
    number = numbering.take_one("RT")
    event = record(
        ctx,
        Happening(
            kind="object",
            action="OBSERVE",
            biz_step="receiving",
            disposition="returned",
            site_id=shipment.site_id,
            location=location,
            outputs=quantities,
            note=f"{number}: {ctx.reason}",
        ),
    )
    away = Place(virtual_place(shipment.site_id, Location.Kind.CUSTOMER))
    target = Place(location, StockStatus.QUARANTINE)
    move(ctx, event, [MoveLine(lots[pk], q, away, target) for pk, q in quantities.items()])
    units = [lot for lot in lots.values() if lot.pk in quantities and _to_quarantine(lot)]
    change_state(ctx, units, "quarantine")
    ShipmentEvent.objects.create(event=event, shipment=shipment)
    return _open_return(ctx, number, shipment, event, wanted)


def _to_quarantine(lot: Lot) -> bool:
    """A returned unit changes state; a lot of which others hold the rest does not."""
    return lot.kind == Lot.Kind.SERIAL and lot.state == LotState.RELEASED


def _open_return(
    ctx: Context,
    number: str,
    shipment: Shipment,
    event: TraceEvent,
    wanted: Mapping[ShipmentLine, Decimal],
) -> CustomerReturn:
    made = CustomerReturn.objects.create(
        number=number,
        shipment=shipment,
        site_id=shipment.site_id,
        location=cast(Location, event.location),  # The return was received there.
        cause=ctx.reason,
        received_at=event.event_time,
        received_by_id=ctx.actor.user_id,
        event=event,
    )
    CustomerReturnLine.objects.bulk_create(
        [
            CustomerReturnLine(customer_return=made, shipment_line=line, quantity=quantity)
            for line, quantity in wanted.items()
        ],
        batch_size=CHUNK,
    )
    return made


def orders_of_allocations(allocations: Collection[Allocation]) -> tuple[int, ...]:
    """Return the ids of the orders that these allocations (read with their line) belong to."""
    return tuple(sorted({a.line.order_id for a in allocations}))
