"""Row locks of holds. Stock itself is locked through its lot."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.locking import lock_one
from erp.inventory.models import Hold


def lock_hold(ctx: Context, hold_id: int) -> Hold:
    """Lock one hold."""
    return lock_one(ctx, Hold.objects.all(), hold_id)
