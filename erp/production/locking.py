"""Row locks of this app; taken after the locks of lots."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.locking import lock_one
from erp.production.models import ProcessCycle, WorkOrder


def lock_work_order(ctx: Context, work_order_id: int) -> WorkOrder:
    """Lock one work order."""
    return lock_one(
        ctx, WorkOrder.objects.select_related("item", "site", "line", "revision"), work_order_id
    )


def lock_cycle(ctx: Context, cycle_id: int) -> ProcessCycle:
    """Lock one process cycle."""
    return lock_one(ctx, ProcessCycle.objects.select_related("place", "batch"), cycle_id)
