"""Nonconformities that open by themselves, in the instant the fact is known."""

from __future__ import annotations

from django.utils.translation import gettext as _

from equipment.events import CalibrationOutOfTolerance
from equipment.models import Calibration
from erp.core.context import Context
from erp.core.events import on
from erp.inventory.models import Hold
from erp.production.events import ProcessCycleRecorded
from erp.production.models import ProcessCycle
from quality.inspection.events import InspectionFailed
from quality.inspection.models import Inspection, InspectionResult
from quality.nonconformity import queries, steps
from quality.nonconformity.steps import Finding
from traceability.locking import lock_lots

NAMED = 20


@on(InspectionFailed)
def goods_were_rejected(ctx: Context, event: InspectionFailed) -> None:
    """Open a nonconformity on rejected goods; a whole lot is held, a part is blocked already."""
    inspection = Inspection.objects.select_related("lot__item").get(pk=event.inspection_id)
    lots = lock_lots(ctx, event.lot_ids)
    parts = {pk: event.quantity for pk in lots if event.quantity is not None}
    title = _("%(lot)s of %(item)s failed inspection") % {
        "lot": inspection.lot.number,
        "item": inspection.lot.item.code,
    }
    finding = Finding(
        title=title,
        description=_failures(ctx, inspection),
        site_id=inspection.site_id,
        lots=list(lots.values()),
        source=inspection.number,
        parts=parts,
        cause=Hold.Cause.QUALITY,
        cited={"inspection_id": inspection.pk},
    )
    steps.open_deviation(ctx, finding)


def _failures(ctx: Context, inspection: Inspection) -> str:
    """Say in words what was refused: the reason given and the characteristics out of limits."""
    bad = InspectionResult.objects.standing().filter(inspection=inspection, within=False)
    names = bad.order_by("characteristic__position").values_list("characteristic__name", flat=True)
    named = ", ".join(dict.fromkeys(names[:NAMED]))
    return "\n".join(part for part in (ctx.reason, inspection.remark, named) if part)


@on(CalibrationOutOfTolerance)
def results_are_in_doubt(ctx: Context, event: CalibrationOutOfTolerance) -> None:
    """List every lot measured with the instrument since it was last good, and hold them (7.6)."""
    calibration = Calibration.objects.select_related("instrument").get(pk=event.calibration_id)
    instrument = calibration.instrument
    found = queries.measured_with(instrument.pk, event.since, event.until)
    lots = lock_lots(ctx, found.values_list("pk", flat=True))
    title = _("%(instrument)s was found out of tolerance") % {"instrument": instrument.code}
    description = _(
        "What %(instrument)s measured from %(since)s to %(until)s is in doubt: "
        "%(count)s lots and units."
    ) % {
        "instrument": instrument.code,
        "since": f"{event.since:%Y-%m-%d %H:%M}" if event.since else _("its first use"),
        "until": f"{event.until:%Y-%m-%d %H:%M}",
        "count": len(lots),
    }
    finding = Finding(
        title=title,
        description=description,
        site_id=instrument.site_id,
        lots=list(lots.values()),
        source=calibration.number,
        cause=Hold.Cause.CALIBRATION,
        cited={"calibration_id": calibration.pk},
    )
    steps.open_deviation(ctx, finding)


@on(ProcessCycleRecorded)
def process_did_not_conform(ctx: Context, event: ProcessCycleRecorded) -> None:
    """Hold a batch whose special process does not conform (ISO 13485, 7.5.6)."""
    if event.conforming:
        return
    cycle = ProcessCycle.objects.select_related("batch__item", "partner").get(pk=event.cycle_id)
    lots = lock_lots(ctx, [event.batch_id])
    facts = {
        "process": cycle.get_kind_display(),
        "cycle": cycle.cycle_number or cycle.number,
        "lot": cycle.batch.number,
        "partner": cycle.partner.name,
    }
    finding = Finding(
        title=_("%(process)s of %(lot)s does not conform") % facts,
        description=_("Cycle %(cycle)s at %(partner)s does not conform.") % facts,
        severity="critical",
        site_id=cycle.site_id,
        lots=list(lots.values()),
        source=cycle.number,
        cited={"cycle_id": cycle.pk},
    )
    steps.open_deviation(ctx, finding)
