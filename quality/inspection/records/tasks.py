"""What waits for inspectors and for those who decide."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.ui.home import TaskSource, add_tasks
from quality.inspection.models import Inspection
from quality.inspection.records.inspections import inspections


def _to_measure(actor: Actor) -> QuerySet[Inspection]:
    rows: QuerySet[Inspection] = inspections(actor).to_measure()  # type: ignore[attr-defined]
    return rows.order_by("opened_at", "pk")


def _to_decide(actor: Actor) -> QuerySet[Inspection]:
    rows: QuerySet[Inspection] = inspections(actor).to_decide()  # type: ignore[attr-defined]
    return rows.order_by("opened_at", "pk")


add_tasks(
    TaskSource(
        code="quality.inspections",
        title=_("Inspections to do"),
        permission="quality.record_results",
        noun="inspections",
        rows=_to_measure,
        query="waits=measure",
        icon="ruler-measure",
    )
)
add_tasks(
    TaskSource(
        code="quality.decisions",
        title=_("Inspections to decide"),
        permission="quality.decide_inspection",
        noun="inspections",
        rows=_to_decide,
        query="waits=decide",
        icon="checklist",
    )
)
