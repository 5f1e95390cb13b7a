"""Decisions on inspections, signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp import gates
from erp.core.context import Context
from erp.core.errors import FieldFault, InvalidInput
from erp.core.quantities import ZERO, plain
from erp.inventory.steps import check_fineness
from erp.operations import operation
from quality.inspection import queries, steps
from quality.inspection.errors import PartDoesNotBalance, UnitsMustBeNamed, UnitsOfAnotherLot
from quality.inspection.events import InspectionAccepted, InspectionFailed
from quality.inspection.gates import ACCEPT
from quality.inspection.inputs import DecideInspection
from quality.inspection.locking import lock_with_lots
from quality.inspection.models import Inspection, Stage
from quality.inspection.states import INSPECTION, InspectionState
from traceability.models import Lot

VERBS = {"accept": "accept", "reject": "reject", "part": "accept in part"}
NAMED_UNITS = 20


def decision_content(inspection: Inspection) -> dict[str, Any]:
    """Return what is signed: what was presented, against which plan, with which results."""
    return {
        "inspection": inspection.number,
        "stage": inspection.stage,
        "lot": inspection.lot.number,
        "item": inspection.lot.item.code,
        "plan": inspection.plan.number if inspection.plan else None,
        "plan_revision": inspection.plan.revision if inspection.plan else None,
        "presented": inspection.quantity,
        "accepted": inspection.accepted_quantity,
        "rejected": inspection.rejected_quantity,
        "decision": inspection.state,
        "remark": inspection.remark,
        "results": [
            {
                "characteristic": r.characteristic.name,
                "lower": r.characteristic.lower,
                "upper": r.characteristic.upper,
                "sample": r.sample,
                "value": r.value,
                "passed": r.passed,
                "within": r.within,
                "instrument": r.instrument.code if r.instrument else None,
                "measured_by": r.measured_by.username,
                "measured_at": r.measured_at,
                "replaced": hasattr(r, "retest"),
            }
            for r in queries.results_of(inspection)
        ],
    }


@operation(
    "quality.decide_inspection",
    title=_("Decide"),
    sentence=_(
        "What was presented is accepted, rejected, or accepted in part; stock follows at once."
    ),
    noun="inspections",
    verb="decide",
    subject="quality.Inspection",
    subject_arg="inspection_id",
    input=DecideInspection,
    states=INSPECTION,
    step="accept",
    signed_as=Meaning.APPROVED,
    signs=decision_content,
    primary=True,
)
def decide_inspection(
    ctx: Context,
    *,
    inspection_id: int,
    decision: str,
    rejected_quantity: Decimal | None = None,
    rejected_unit_ids: Sequence[int] = (),
    remark: str = "",
) -> Inspection:
    """Decide an inspection (ISO 13485, 7.4.3 and 8.2.6).

    Accepting at receipt releases the lot; accepting a made batch does not, release is its own
    signed step. What is rejected is blocked in the same instant.
    """
    inspection, lots = lock_with_lots(ctx, inspection_id)
    INSPECTION.next(InspectionState(inspection.state), VERBS[decision])
    if decision != "accept" and not ctx.reason.strip():
        raise InvalidInput(faults=[FieldFault("reason", _t("Say why this is refused."))])
    if decision != "reject":
        gates.ask(ctx, ACCEPT, [inspection.pk], in_part=decision == "part")
    if decision == "accept":
        _accept(ctx, inspection, lots, remark)
    elif decision == "reject":
        _reject(ctx, inspection, lots, remark)
    elif len(lots) > 1:
        _part_with_units(ctx, inspection, lots, rejected_unit_ids, remark)
    else:
        _part_with_quantity(ctx, inspection, lots, rejected_quantity, remark)
    return inspection


def _presented(inspection: Inspection) -> Decimal:
    """Return what lies in quarantine now: the quantity this decision is about."""
    return queries.in_quarantine([inspection.lot]).get(inspection.lot_id, ZERO)


def _accept(ctx: Context, inspection: Inspection, lots: Mapping[int, Lot], remark: str) -> None:
    presented = _presented(inspection)
    steps.conclude(ctx, inspection, "accept", presented=presented, rejected=ZERO, remark=remark)
    event = steps.decision_event(ctx, inspection, "conformant")
    if inspection.stage == Stage.INCOMING:
        steps.accept(ctx, event, list(lots.values()))
    ctx.emit(InspectionAccepted(inspection.pk, tuple(lots)))


def _reject(ctx: Context, inspection: Inspection, lots: Mapping[int, Lot], remark: str) -> None:
    presented = _presented(inspection)
    steps.conclude(
        ctx, inspection, "reject", presented=presented, rejected=presented, remark=remark
    )
    event = steps.decision_event(ctx, inspection, "non_conformant")
    steps.reject(ctx, event, list(lots.values()))
    ctx.emit(InspectionFailed(inspection.pk, (inspection.lot_id,)))


def _part_with_quantity(
    ctx: Context,
    inspection: Inspection,
    lots: Mapping[int, Lot],
    rejected: Decimal | None,
    remark: str,
) -> None:
    lot = lots[inspection.lot_id]
    presented = _presented(inspection)
    if rejected is None or not ZERO < rejected < presented:
        raise PartDoesNotBalance(rejected=plain(rejected or ZERO), presented=plain(presented))
    check_fineness(lot.item, rejected)
    steps.conclude(
        ctx, inspection, "accept in part", presented=presented, rejected=rejected, remark=remark
    )
    event = steps.decision_event(ctx, inspection, "conformant")
    steps.set_aside(ctx, event, lot, rejected)
    if inspection.stage == Stage.INCOMING:
        steps.accept(ctx, event, [lot])
    ctx.emit(InspectionFailed(inspection.pk, (lot.pk,), rejected))


def _part_with_units(
    ctx: Context,
    inspection: Inspection,
    lots: Mapping[int, Lot],
    unit_ids: Sequence[int],
    remark: str,
) -> None:
    units = _named_units(inspection, lots, unit_ids)
    presented = _presented(inspection)
    rejected = sum(queries.in_quarantine(units).values(), ZERO)
    if not ZERO < rejected < presented:
        raise PartDoesNotBalance(rejected=plain(rejected), presented=plain(presented))
    steps.conclude(
        ctx, inspection, "accept in part", presented=presented, rejected=rejected, remark=remark
    )
    event = steps.decision_event(ctx, inspection, "conformant")
    steps.reject(ctx, event, units)
    if inspection.stage == Stage.INCOMING:
        refused = {unit.pk for unit in units}
        steps.accept(ctx, event, [lot for pk, lot in lots.items() if pk not in refused])
    ctx.emit(InspectionFailed(inspection.pk, tuple(unit.pk for unit in units)))


def _named_units(
    inspection: Inspection, lots: Mapping[int, Lot], unit_ids: Sequence[int]
) -> list[Lot]:
    if not unit_ids:
        raise UnitsMustBeNamed(lot=inspection.lot.number)
    strangers = {pk for pk in unit_ids if pk not in lots or pk == inspection.lot_id}
    if strangers:
        named = Lot.objects.filter(pk__in=strangers).values_list("number", flat=True)[:NAMED_UNITS]
        raise UnitsOfAnotherLot(lot=inspection.lot.number, units=", ".join(named))
    return [lots[pk] for pk in sorted(set(unit_ids))]
