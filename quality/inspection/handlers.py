"""Inspections open by themselves: when goods arrive and when a work order is completed."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.events import on
from erp.inventory.events import LotsDerived
from erp.masterdata.models import Item
from erp.production.events import WorkOrderCompleted
from procurement.events import LotReceived
from quality.inspection import steps
from quality.inspection.locking import lock_open_of_lots
from quality.inspection.models import Inspection, InspectionPlan, Stage
from traceability.corrections.events import EventsDeclaredWrong
from traceability.corrections.queries import never_made
from traceability.models import Lot
from traceability.states import LotState


@on(LotReceived)
def inspect_receipt(ctx: Context, event: LotReceived) -> None:
    """Open one inspection per received lot whose item is inspected at receipt (ISO 13485, 7.4.3).

    Units that belong to a lot are inspected with it.
    """
    received = Lot.objects.filter(pk__in=event.lot_ids, item__inspection_required=True)
    owners = {batch or pk for pk, batch in received.values_list("pk", "batch_id")}
    lots = Lot.objects.filter(pk__in=owners).select_related("item").order_by("pk")
    steps.open_inspections(ctx, list(lots), Stage.INCOMING, event.site_id)


@on(WorkOrderCompleted)
def inspect_batch(ctx: Context, event: WorkOrderCompleted) -> None:
    """Open the final inspection: of products always, of other items where a plan asks for it."""
    lot = Lot.objects.select_related("item").get(pk=event.batch_id)
    planned = InspectionPlan.objects.effective().filter(item_id=lot.item_id, stage=Stage.FINAL)
    if lot.item.kind == Item.Kind.PRODUCT or planned.exists():
        steps.open_inspections(ctx, [lot], Stage.FINAL, lot.site_id)


@on(LotsDerived)
def inspect_what_came_of_it(ctx: Context, event: LotsDerived) -> None:
    """What comes out of a lot that waits for its inspection waits for one of its own."""
    waiting = Inspection.objects.open().filter(lot__in=event.parent_ids)
    stages = set(waiting.values_list("stage", flat=True))
    children = Lot.objects.filter(pk__in=event.child_ids, state=LotState.QUARANTINE)
    lots = list(children.select_related("item").order_by("pk")) if stages else []
    for stage in sorted(stages):
        steps.open_inspections(ctx, lots, stage, event.site_id)


@on(EventsDeclaredWrong)
def nothing_to_inspect(ctx: Context, event: EventsDeclaredWrong) -> None:
    """Withdraw the inspections of goods that never came."""
    gone = never_made(event.lot_ids)
    if gone:
        for inspection in lock_open_of_lots(ctx, gone):
            steps.withdraw(ctx, inspection)
