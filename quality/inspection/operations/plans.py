"""Inspection plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.core import clock, numbering
from erp.core.context import Context
from erp.operations import operation
from quality.inspection import steps
from quality.inspection.inputs import WriteInspectionPlan
from quality.inspection.locking import lock_effective_plan
from quality.inspection.models import InspectionPlan
from quality.inspection.queries import next_revision


@operation(
    "quality.write_inspection_plan",
    title=_("Write an inspection plan"),
    sentence=_(
        "The plan is in force at once; the item's earlier plan for this stage is superseded."
    ),
    noun="inspection-plans",
    verb="write",
    creates="quality.InspectionPlan",
    input=WriteInspectionPlan,
)
def write_inspection_plan(
    ctx: Context,
    *,
    item_id: int,
    stage: str,
    characteristics: Sequence[Mapping[str, Any]],
    basis: str = "",
) -> InspectionPlan:
    """Write the next revision of an item's plan for a stage.

    Open inspections keep the revision they were opened with (ISO 13485, 7.4.3: plan revision kept).
    """
    old = lock_effective_plan(ctx, item_id, stage)
    plan = InspectionPlan(
        number=numbering.take_one("IP"),
        item_id=item_id,
        stage=stage,
        revision=next_revision(item_id, stage),
        basis=basis,
        written_by_id=ctx.actor.user_id,
        written_at=ctx.at or clock.now(),
    )
    return steps.write_plan(ctx, plan, characteristics, old)
