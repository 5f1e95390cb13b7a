"""Inspections open by themselves: when goods arrive and when a work order is completed."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.events import on
from erp.masterdata.models import Item
from erp.production.events import WorkOrderCompleted
from procurement.events import LotReceived
from quality.inspection import steps
from quality.inspection.models import InspectionPlan, Stage
from traceability.models import Lot


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
