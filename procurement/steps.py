"""Writes made inside operations. Approvals and orders must be locked by the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.core import clock, numbering
from erp.core.context import Context
from erp.inventory import steps as inventory
from erp.inventory.models import StockStatus
from erp.inventory.queries import virtual_place
from erp.inventory.steps import MoveLine, Place
from erp.masterdata.models import Location
from procurement.arrivals import Arrival
from procurement.events import LotReceived
from procurement.models import (
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    ReceiptEvent,
    ReceiptLine,
    SupplierApproval,
    SupplierApprovalItem,
)
from procurement.states import APPROVAL, ORDER
from traceability import steps as traceability
from traceability.models import Lot, TraceEvent
from traceability.steps import Happening

CHUNK = 5000
ONE = Decimal(1)


# Approvals


def add_approval(approval: SupplierApproval, item_ids: Collection[int]) -> SupplierApproval:
    """Write a drafted approval with its scope."""
    approval.save(force_insert=True)
    SupplierApprovalItem.objects.bulk_create(
        [SupplierApprovalItem(approval=approval, item_id=pk) for pk in sorted(set(item_ids))],
        batch_size=CHUNK,
    )
    return approval


def approve(ctx: Context, approval: SupplierApproval, verb: str) -> SupplierApproval:
    """Approve or reinstate a locked approval in the name of whoever acts."""
    approval.state = APPROVAL.next(approval.state, verb)  # type: ignore[arg-type]
    approval.approved_by_id = ctx.actor.user_id
    approval.approved_at = ctx.at or clock.now()
    approval.save(update_fields=["state", "approved_by", "approved_at"])
    return approval


def change_approval(approval: SupplierApproval, verb: str) -> SupplierApproval:
    """Take a locked approval along one step of its state table."""
    approval.state = APPROVAL.next(approval.state, verb)  # type: ignore[arg-type]
    approval.save(update_fields=["state"])
    return approval


# Orders


def add_order(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> PurchaseOrder:
    """Write an order with its lines."""
    order.save(force_insert=True)
    PurchaseOrderLine.objects.bulk_create(lines, batch_size=CHUNK)
    return order


def change_order(order: PurchaseOrder, verb: str) -> PurchaseOrder:
    """Take a locked order along one step of its state table."""
    order.state = ORDER.next(order.state, verb)  # type: ignore[arg-type]
    order.save(update_fields=["state"])
    return order


# Receipts


@dataclass(frozen=True, slots=True)
class Taken:
    """An arrival with the lots made for it.

    ``named`` are what the receipt names and what is judged: one lot, or a single unit.
    ``stock`` are those whose quantity lies in stock: units where there are units, else the lot.
    """

    arrival: Arrival
    named: Sequence[Lot]
    stock: Sequence[Lot]

    def named_quantities(self) -> Iterator[tuple[Lot, Decimal]]:
        """Yield what the receipt names, with its quantity."""
        each = self.arrival.quantity if self.arrival.in_lot else ONE
        return ((lot, each) for lot in self.named)

    def stock_quantities(self) -> Iterator[tuple[Lot, Decimal]]:
        """Yield what lies in stock, with its quantity."""
        each = ONE if self.arrival.serials else self.arrival.quantity
        return ((lot, each) for lot in self.stock)


def receive(
    ctx: Context,
    order: PurchaseOrder,
    location: Location,
    arrivals: Sequence[Arrival],
    delivery_note: str = "",
) -> Receipt:
    """Take a delivery into quarantine: lots, one trace event, ledger, receipt, and the news."""
    taken = _make_lots(ctx, order, arrivals)
    event = _record_event(ctx, order, location, taken)
    _move_in(ctx, event, order, location, taken)
    receipt = Receipt.objects.create(
        number=numbering.take_one("RC"),
        order=order,
        site_id=order.site_id,
        location=location,
        received_at=event.event_time,
        received_by_id=ctx.actor.user_id,
        delivery_note=delivery_note,
    )
    lines = [
        ReceiptLine(
            receipt=receipt,
            order_line=t.arrival.line,
            lot=lot,
            quantity=quantity,
            certificate_number=t.arrival.certificate_number,
        )
        for t in taken
        for lot, quantity in t.named_quantities()
    ]
    ReceiptLine.objects.bulk_create(lines, batch_size=CHUNK)
    ReceiptEvent.objects.create(event=event, receipt=receipt)
    if not PurchaseOrderLine.objects.open().filter(order=order).exists():
        change_order(order, "receive")
    ids = tuple(line.lot_id for line in lines)
    ctx.emit(LotReceived(ids, receipt.pk, order.site_id, order.supplier_id))
    return receipt


def _make_lots(ctx: Context, order: PurchaseOrder, arrivals: Sequence[Arrival]) -> list[Taken]:
    """Make all lots in one go, then all units in one go.

    Numbers of a receipt that was declared wrong come in again: the goods bear them.
    """
    nameless = [a for a in arrivals if a.in_lot and not a.number]
    numbers = iter(numbering.take("L", len(nameless)) if nameless else ())
    batches = {
        n: _lot(order, a, a.number or next(numbers)) for n, a in enumerate(arrivals) if a.in_lot
    }
    traceability.create_lots(ctx, list(batches.values()), again=True)
    units = {
        n: [_unit(order, a, serial, batches.get(n)) for serial in a.serials]
        for n, a in enumerate(arrivals)
    }
    made = [unit for group in units.values() for unit in group]
    traceability.create_lots(ctx, made, again=True)
    return [
        Taken(
            arrival=a,
            named=[batches[n]] if n in batches else units[n],
            stock=units[n] or [batches[n]],
        )
        for n, a in enumerate(arrivals)
    ]


def _lot(order: PurchaseOrder, arrival: Arrival, number: str) -> Lot:
    expires_on = arrival.expires_on or traceability.expiry_of(
        arrival.line.item, arrival.manufactured_on
    )
    return Lot(
        item=arrival.line.item,
        revision_id=arrival.line.revision_id,
        kind=Lot.Kind.LOT,
        number=number,
        manufacturer_id=order.supplier_id,
        supplier_lot=arrival.supplier_lot,
        site_id=order.site_id,
        manufactured_on=arrival.manufactured_on,
        expires_on=expires_on,
    )


def _unit(order: PurchaseOrder, arrival: Arrival, serial: str, batch: Lot | None) -> Lot:
    unit = _lot(order, arrival, serial)
    unit.kind = Lot.Kind.SERIAL
    unit.batch = batch
    return unit


def _record_event(
    ctx: Context, order: PurchaseOrder, location: Location, taken: Sequence[Taken]
) -> TraceEvent:
    """Record the arrival: what lies in stock came out of it; lots that contain units are seen."""
    outputs = {lot.pk: quantity for t in taken for lot, quantity in t.stock_quantities()}
    containers: Mapping[int, Decimal | None] = {
        lot.pk: quantity
        for t in taken
        for lot, quantity in t.named_quantities()
        if lot.pk not in outputs
    }
    return traceability.record(
        ctx,
        Happening(
            kind=TraceEvent.Kind.OBJECT,
            action=TraceEvent.Action.ADD,
            biz_step="receiving",
            disposition="in_progress",
            site_id=order.site_id,
            location=location,
            outputs=outputs,
            subjects=containers,
        ),
    )


def _move_in(
    ctx: Context,
    event: TraceEvent,
    order: PurchaseOrder,
    location: Location,
    taken: Sequence[Taken],
) -> None:
    source = Place(virtual_place(order.site_id, Location.Kind.SUPPLIER))
    target = Place(location, StockStatus.QUARANTINE)
    moves = [
        MoveLine(lot, quantity, source, target)
        for t in taken
        for lot, quantity in t.stock_quantities()
    ]
    inventory.move(ctx, event, moves)
