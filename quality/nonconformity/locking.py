"""Row locks of deviations: lots first, then the hold, then the deviation."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.locking import lock_one
from erp.inventory.locking import lock_hold
from erp.inventory.models import Hold
from erp.inventory.queries import with_members
from quality.nonconformity.models import Deviation, DeviationLot
from traceability.locking import lock_lots
from traceability.models import Lot


def lock_deviation(ctx: Context, deviation_id: int) -> Deviation:
    """Lock one deviation."""
    return lock_one(ctx, Deviation.objects.select_related("site"), deviation_id)


def lock_for_closing(
    ctx: Context, deviation_id: int
) -> tuple[Deviation, dict[int, Lot], Hold | None]:
    """Lock the lots of a deviation with their units, its hold and itself; bottom app first."""
    named = DeviationLot.objects.filter(deviation_id=deviation_id).values_list("lot_id", flat=True)
    lots = lock_lots(ctx, with_members(named))
    hold_id = Deviation.objects.get(pk=deviation_id).hold_id
    hold = lock_hold(ctx, hold_id) if hold_id is not None else None
    return lock_deviation(ctx, deviation_id), lots, hold
