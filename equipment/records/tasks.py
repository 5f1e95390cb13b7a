"""What waits at home: instruments that are due."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from equipment.models import Instrument
from equipment.records.instruments import by_calibration, instruments
from erp.core.actor import Actor
from erp.ui.home import TaskSource, add_tasks


def _overdue(actor: Actor) -> QuerySet[Instrument]:
    return by_calibration(instruments(actor), "overdue").order_by("due_on", "pk")


def _due_soon(actor: Actor) -> QuerySet[Instrument]:
    return by_calibration(instruments(actor), "soon").order_by("due_on", "pk")


add_tasks(
    TaskSource(
        code="equipment.overdue",
        title=_("Instruments not usable until calibrated"),
        permission="equipment.record_calibration",
        noun="instruments",
        rows=_overdue,
        query="calibration=overdue",
        icon="alert-triangle",
        tone="bad",
    )
)
add_tasks(
    TaskSource(
        code="equipment.due_soon",
        title=_("Calibrations due in 30 days"),
        permission="equipment.record_calibration",
        noun="instruments",
        rows=_due_soon,
        query="calibration=soon",
        icon="ruler-measure",
    )
)
