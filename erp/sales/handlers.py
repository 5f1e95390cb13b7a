"""How sales reacts to facts from below, inside the same transaction."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.events import on
from erp.inventory.events import HoldPlaced
from erp.sales import steps
from erp.sales.events import AllocationsBroken
from erp.sales.locking import lock_active_of_lots, lock_allocations, lock_orders, lock_shipments
from erp.sales.models import Allocation, ShipmentEvent
from traceability.corrections.events import EventsDeclaredWrong


@on(HoldPlaced)
def break_promises(ctx: Context, event: HoldPlaced) -> None:
    """A hold wins: what was promised of its lots is broken, picked or not.

    Goods that were picked already stay a task until somebody puts them back.
    """
    broken = lock_active_of_lots(ctx, event.lot_ids)
    if broken:
        steps.change_allocations(broken, "break", broken_by_id=event.hold_id)
        orders = steps.orders_of_allocations(broken)
        ctx.emit(AllocationsBroken(event.hold_id, orders, tuple(a.pk for a in broken)))


@on(EventsDeclaredWrong)
def undo_shipments(ctx: Context, event: EventsDeclaredWrong) -> None:
    """A shipment that did not happen is void: its goods are free, its order waits for them again.

    Which reservations left with it, their history tells.
    """
    links = ShipmentEvent.objects.filter(event__in=event.event_ids, event__biz_step="shipping")
    ids = set(links.values_list("shipment_id", flat=True))
    if not ids:
        return
    left = Allocation.history.filter(history_operation_id=event.operation_id, state="shipped")
    orders = lock_orders(ctx, links.values_list("shipment__order_id", flat=True))
    held = lock_allocations(ctx, left.values_list("id", flat=True))
    steps.change_allocations(held, "bring back")
    steps.void_shipments(lock_shipments(ctx, ids))
    steps.reopen(orders)
