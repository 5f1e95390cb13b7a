"""How sales reacts to facts from below, inside the same transaction."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.events import on
from erp.inventory.events import HoldPlaced
from erp.sales import steps
from erp.sales.events import AllocationsBroken
from erp.sales.locking import lock_active_of_lots


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
