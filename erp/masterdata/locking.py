"""Row locks of master data."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.locking import lock, lock_one
from erp.masterdata.models import Item, ItemRevision


def lock_item(ctx: Context, item_id: int) -> Item:
    """Lock one item."""
    return lock_one(ctx, Item.objects.all(), item_id)


def lock_revisions(ctx: Context, item_id: int) -> list[ItemRevision]:
    """Lock all revisions of an item."""
    return lock(ctx, ItemRevision.objects.filter(item_id=item_id).select_related("item"))
