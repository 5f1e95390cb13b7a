"""How what production recorded is taken back, and what then no longer counts."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker
from erp.gates import Answer, Question
from erp.production.gates import order_ref
from erp.production.models import WorkOrderEvent
from erp.production.states import WorkOrderState
from traceability.corrections.gates import CORRECT
from traceability.corrections.ways import correctable, taken_back_by

ACCOUNTED = ("picking", "commissioning", "assembling", "destroying")
"""Steps that the material account and the output of an order are made of."""

correctable(
    "production.issue_material",
    "production.return_material",
    "production.report_production",
    "production.move_to_storage",
)
taken_back_by(
    _("A load sent out is taken back by receiving it from the subcontractor."),
    "production.send_to_subcontractor",
)
taken_back_by(
    _("The record of a process stands. Send the load again and record the new cycle."),
    "production.receive_from_subcontractor",
)


@gates.check(CORRECT)
def order_not_running(question: Question) -> Iterator[Answer]:
    """The account of a closed order is closed; each order is named once."""
    links = WorkOrderEvent.objects.filter(event__in=question.ids, event__biz_step__in=ACCOUNTED)
    closed = links.exclude(work_order__state=WorkOrderState.STARTED).select_related("work_order")
    named: set[int] = set()
    for link in closed.order_by("event_id"):
        if link.work_order_id not in named:
            named.add(link.work_order_id)
            order = link.work_order
            sentence = _(
                "%(order)s is not running any more. Rework or scrap what it made instead."
            ) % {"order": order.number}
            yield Answer(
                link.event_id, Blocker("production.order_closed", sentence, order_ref(order))
            )
