"""Row locks of lots: the only ``select_for_update`` of this app. Lots are locked before anything of
a
higher app, so everything that moves a lot waits here.
"""

from __future__ import annotations

from collections.abc import Iterable

from erp.core.context import Context
from erp.core.locking import lock, lock_all, lock_one
from traceability.models import Lot


def lock_lot(ctx: Context, lot_id: int) -> Lot:
    """Lock one lot."""
    return lock_one(ctx, Lot.objects.select_related("item"), lot_id)


def lock_lots(ctx: Context, lot_ids: Iterable[int]) -> dict[int, Lot]:
    """Lock these lots in order; return them by id."""
    return {lot.pk: lot for lot in lock_all(ctx, Lot.objects.select_related("item"), lot_ids)}


def lock_members(ctx: Context, batch_id: int) -> list[Lot]:
    """Lock the units of a lot."""
    return lock(ctx, Lot.objects.filter(batch_id=batch_id))
