"""States of work orders and process cycles."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from erp.core.states import StateTable


class WorkOrderState(StrEnum):
    """Life of a work order."""

    PLANNED = "planned"
    STARTED = "started"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


WORK_ORDER = StateTable(
    name="work order",
    initial=WorkOrderState.PLANNED,
    steps={
        (WorkOrderState.PLANNED, "start"): WorkOrderState.STARTED,
        (WorkOrderState.PLANNED, "cancel"): WorkOrderState.CANCELLED,
        (WorkOrderState.STARTED, "issue"): WorkOrderState.STARTED,
        (WorkOrderState.STARTED, "return"): WorkOrderState.STARTED,
        (WorkOrderState.STARTED, "report"): WorkOrderState.STARTED,
        (WorkOrderState.STARTED, "complete"): WorkOrderState.COMPLETED,
        (WorkOrderState.STARTED, "cancel"): WorkOrderState.CANCELLED,
    },
    labels={
        WorkOrderState.PLANNED: _("planned"),
        WorkOrderState.STARTED: _("started"),
        WorkOrderState.COMPLETED: _("completed"),
        WorkOrderState.CANCELLED: _("cancelled"),
    },
    tones={
        WorkOrderState.PLANNED: "draft",
        WorkOrderState.STARTED: "waiting",
        WorkOrderState.COMPLETED: "good",
        WorkOrderState.CANCELLED: "draft",
    },
)


class CycleState(StrEnum):
    """Life of a process cycle at a subcontractor."""

    SENT = "sent"
    RECEIVED = "received"


PROCESS_CYCLE = StateTable(
    name="process cycle",
    initial=CycleState.SENT,
    steps={(CycleState.SENT, "receive"): CycleState.RECEIVED},
    labels={CycleState.SENT: _("at the subcontractor"), CycleState.RECEIVED: _("received back")},
    tones={CycleState.SENT: "waiting", CycleState.RECEIVED: "info"},
)
