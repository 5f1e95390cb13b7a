"""Writes made inside operations of production. Lots and records are locked by the caller."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp.core import clock
from erp.core.bulk import copy_values
from erp.core.context import Context
from erp.core.quantities import ZERO
from erp.inventory.models import StockStatus
from erp.inventory.queries import virtual_place
from erp.inventory.steps import MoveLine, Place, move
from erp.masterdata.models import BomLine, Location
from erp.production.models import (
    CycleEvent,
    MaterialEntry,
    ProcessCycle,
    ProcessLoad,
    WorkOrder,
    WorkOrderEvent,
    WorkOrderMaterial,
)
from erp.production.states import WORK_ORDER, WorkOrderState
from traceability.models import Lot, TraceEvent
from traceability.steps import create_lots, expiry_of, observe, record

CHUNK = 5000
Quantities = Mapping[int, Decimal]


def happened_at(ctx: Context) -> dt.datetime:
    """Return when this happens: the time given with the call, else now."""
    return ctx.at or clock.now()


def advance(order: WorkOrder, verb: str, **values: object) -> None:
    """Take a locked order along its state table and set what belongs to the new state."""
    order.state = WORK_ORDER.next(WorkOrderState(order.state), verb)
    for name, value in values.items():
        setattr(order, name, value)
    order.save(update_fields=["state", *values])


def copy_bom(order: WorkOrder) -> None:
    """Freeze what the order needs by the bill of material of its revision."""
    lines = BomLine.objects.filter(revision_id=order.revision_id)
    WorkOrderMaterial.objects.bulk_create(
        [
            WorkOrderMaterial(
                work_order=order,
                component_id=line.component_id,
                quantity=line.quantity * order.quantity,
                per_unit=line.per_unit,
            )
            for line in lines
        ]
    )


def create_batch(ctx: Context, order: WorkOrder) -> Lot:
    """Create the lot that everything made under the order belongs to, in quarantine."""
    made = happened_at(ctx).date()
    expires = expiry_of(order.item, made)
    batch = Lot(
        item=order.item,
        revision=order.revision,
        kind=Lot.Kind.LOT,
        number=order.batch_number,
        site=order.site,
        manufactured_on=made,
        expires_on=expires,
    )
    return create_lots(ctx, [batch])[0]


def create_units(ctx: Context, batch: Lot, serials: Sequence[str]) -> list[Lot]:
    """Create the units of a batch, in quarantine; every double serial is refused by name."""
    made = happened_at(ctx).date()
    return create_lots(
        ctx,
        # What was reported wrongly is reported again under the numbers the units bear.
        again=True,
        lots=[
            Lot(
                item=batch.item,
                revision_id=batch.revision_id,
                kind=Lot.Kind.SERIAL,
                number=serial,
                batch=batch,
                site_id=batch.site_id,
                manufactured_on=made,
                expires_on=batch.expires_on,
            )
            for serial in serials
        ],
    )


def link_events(order: WorkOrder, events: Iterable[TraceEvent]) -> None:
    """Say of these events that they happened under the order."""
    links = ((event.pk, order.pk) for event in events)
    copy_values(WorkOrderEvent, ("event_id", "work_order_id"), links)


def enter_material(
    order: WorkOrder, event: TraceEvent, kind: MaterialEntry.Kind, quantities: Quantities
) -> None:
    """Write entries of the order's material account."""
    entries = ((order.pk, pk, kind, quantity, event.pk) for pk, quantity in quantities.items())
    copy_values(MaterialEntry, ("work_order_id", "lot_id", "kind", "quantity", "event_id"), entries)


def available(location: Location) -> Place:
    """Return a location with the status of material that may be used."""
    return Place(location, StockStatus.AVAILABLE)


def carry_material(ctx: Context, order: WorkOrder, line: MoveLine, biz_step: str) -> TraceEvent:
    """Move material of an order between storage and line; returns the trace event."""
    happening = observe(
        biz_step,
        order.site_id,
        {line.lot.pk: line.quantity},
        location=line.target.location,
        disposition="in_progress",
        note=order.number,
    )
    event = record(ctx, happening)
    move(ctx, event, [line])
    link_events(order, [event])
    return event


def consume_and_produce(
    ctx: Context,
    order: WorkOrder,
    event: TraceEvent,
    used: Mapping[Lot, Decimal],
    made: Mapping[Lot, Decimal],
) -> None:
    """Write the ledger of a report: material out of the line, products onto it in quarantine."""
    nowhere = Place(virtual_place(order.site_id, Location.Kind.PRODUCTION))
    material = available(order.at_line)
    product = Place(order.at_line, StockStatus.QUARANTINE)
    move(
        ctx,
        event,
        [
            *(MoveLine(lot, quantity, material, nowhere) for lot, quantity in used.items()),
            *(MoveLine(lot, quantity, nowhere, product) for lot, quantity in made.items()),
        ],
    )


def load_cycle(cycle: ProcessCycle, lines: Iterable[MoveLine]) -> None:
    """Keep which lots and units are in the load of a cycle."""
    ProcessLoad.objects.bulk_create(
        [
            ProcessLoad(
                cycle=cycle, lot=line.lot, quantity=line.quantity, taken_from=line.source.location
            )
            for line in lines
        ],
        batch_size=CHUNK,
    )


def link_cycle(cycle: ProcessCycle, event: TraceEvent) -> None:
    """Say of an event that it belongs to the cycle."""
    CycleEvent.objects.create(cycle=cycle, event=event)


def total_per_lot(rows: Iterable[Mapping[str, Any]]) -> dict[int, Decimal]:
    """Add up ``lot_id``/``quantity`` rows; a lot scanned twice counts twice."""
    total: dict[int, Decimal] = {}
    for row in rows:
        total[row["lot_id"]] = total.get(row["lot_id"], ZERO) + row["quantity"]
    return total
