"""Row locks of inspections. The lot and its units are locked first: they belong to a lower app."""

from __future__ import annotations

from collections.abc import Iterable

from erp.core.context import Context
from erp.core.locking import lock, lock_one
from erp.inventory.queries import with_members
from quality.inspection.models import Inspection, InspectionPlan
from quality.inspection.queries import lot_id_of
from traceability.locking import lock_lots
from traceability.models import Lot


def lock_inspection(ctx: Context, inspection_id: int) -> Inspection:
    """Lock one inspection."""
    rows = Inspection.objects.select_related("lot__item", "plan", "site")
    return lock_one(ctx, rows, inspection_id)


def lock_with_lots(ctx: Context, inspection_id: int) -> tuple[Inspection, dict[int, Lot]]:
    """Lock the inspected lot with its units, then the inspection."""
    lots = lock_lots(ctx, with_members([lot_id_of(inspection_id)]))
    return lock_inspection(ctx, inspection_id), lots


def lock_open_of_lots(ctx: Context, lot_ids: Iterable[int]) -> list[Inspection]:
    """Lock the open inspections of these lots."""
    return lock(ctx, Inspection.objects.open().filter(lot__in=list(lot_ids)))


def lock_effective_plan(ctx: Context, item_id: int, stage: str) -> InspectionPlan | None:
    """Lock the plan in force of an item at a stage, if there is one."""
    found = lock(ctx, InspectionPlan.objects.effective().filter(item_id=item_id, stage=stage))
    return found[0] if found else None
