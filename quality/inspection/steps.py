"""Writes of inspection: open, record, conclude. The lots must be locked by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from equipment.steps import note_use
from erp.core import clock, numbering
from erp.core.context import Context
from erp.core.quantities import ZERO
from erp.inventory import steps as stock
from erp.inventory.models import Balance, StockStatus
from erp.inventory.steps import MoveLine, Place
from quality.inspection import queries
from quality.inspection.models import (
    Characteristic,
    Inspection,
    InspectionPlan,
    InspectionResult,
)
from quality.inspection.rules import within_limits
from quality.inspection.states import INSPECTION, PLAN, InspectionState
from traceability.models import Lot, TraceEvent
from traceability.states import LotState
from traceability.steps import change_state, observe, record

CHUNK = 5000


def write_plan(
    ctx: Context,
    plan: InspectionPlan,
    rows: Sequence[Mapping[str, Any]],
    old: InspectionPlan | None,
) -> InspectionPlan:
    """Write a plan with its characteristics in place of the locked ``old`` one.

    Open inspections that waited for a plan take it.
    """
    if old is not None:
        old.state = PLAN.next(old.state, "supersede")  # type: ignore[arg-type]
        old.save(update_fields=["state"])
    plan.save(force_insert=True)
    Characteristic.objects.bulk_create(
        [
            Characteristic(plan=plan, position=n, code=f"{plan.number}/{n}", **row)
            for n, row in enumerate(rows, start=1)
        ]
    )
    waiting = Inspection.objects.open().filter(plan__isnull=True, stage=plan.stage)
    waiting.filter(lot__item=plan.item_id).update(plan=plan)
    return plan


def open_inspections(
    ctx: Context, lots: Sequence[Lot], stage: str, site_id: int
) -> list[Inspection]:
    """Present lots for inspection, one each; a further delivery joins the open one.

    The same number of queries for one lot and for ten thousand.
    """
    presented = queries.in_quarantine(lots)
    waiting = Inspection.objects.open().filter(lot__in=lots, stage=stage)
    joined = list(waiting)
    for inspection in joined:
        inspection.quantity = presented.get(inspection.lot_id, ZERO)
    Inspection.objects.bulk_update(joined, ["quantity"], batch_size=CHUNK)
    known = {inspection.lot_id for inspection in joined}
    new = [lot for lot in lots if lot.pk not in known]
    if not new:
        return joined
    plans = queries.effective_plans({lot.item_id for lot in new}, stage)
    at = ctx.at or clock.now()
    made = [
        Inspection(
            number=number,
            lot=lot,
            site_id=site_id,
            stage=stage,
            plan=plans.get(lot.item_id),
            quantity=presented.get(lot.pk, ZERO),
            opened_at=at,
        )
        for lot, number in zip(new, numbering.take("IN", len(new)), strict=True)
    ]
    return [*joined, *Inspection.objects.bulk_create(made, batch_size=CHUNK)]


@dataclass(frozen=True, slots=True)
class Reading:
    """One result about to be written, its characteristic and the result it replaces looked up."""

    characteristic: Characteristic
    sample: int
    value: Decimal | None
    passed: bool | None
    instrument_id: int | None
    retest_of: InspectionResult | None = None

    @property
    def within(self) -> bool:
        """Tell whether it conforms."""
        if self.value is None:
            return bool(self.passed)
        return within_limits(self.value, self.characteristic.lower, self.characteristic.upper)


def record_readings(
    ctx: Context, inspection: Inspection, readings: Sequence[Reading]
) -> list[InspectionResult]:
    """Write results with the trace event that made them and the instruments it used."""
    happening = observe("inspecting", inspection.site_id, {inspection.lot_id: None})
    event = record(ctx, happening)
    instruments = {r.instrument_id for r in readings if r.instrument_id is not None}
    if instruments:
        note_use(ctx, event, instruments)
    rows = [
        InspectionResult(
            inspection=inspection,
            characteristic=r.characteristic,
            sample=r.sample,
            value=r.value,
            passed=r.passed,
            within=r.within,
            instrument_id=r.instrument_id,
            measured_at=event.event_time,
            measured_by_id=ctx.actor.user_id,
            event=event,
            retest_of=r.retest_of,
        )
        for r in readings
    ]
    return InspectionResult.objects.bulk_create(rows, batch_size=CHUNK)


def conclude(
    ctx: Context,
    inspection: Inspection,
    verb: str,
    *,
    presented: Decimal,
    rejected: Decimal,
    remark: str,
) -> None:
    """Take a locked inspection to its final state; accepted and rejected are all of it."""
    inspection.state = INSPECTION.next(InspectionState(inspection.state), verb)
    inspection.quantity = presented
    inspection.rejected_quantity = rejected
    inspection.accepted_quantity = presented - rejected
    inspection.inspector_id = ctx.actor.user_id
    inspection.decided_at = ctx.at or clock.now()
    inspection.remark = remark
    inspection.save(
        update_fields=[
            "state",
            "quantity",
            "rejected_quantity",
            "accepted_quantity",
            "inspector",
            "decided_at",
            "remark",
        ]
    )


def withdraw(ctx: Context, inspection: Inspection) -> None:
    """Take back a locked inspection of goods that never came."""
    inspection.state = INSPECTION.next(InspectionState(inspection.state), "withdraw")
    inspection.inspector_id = ctx.actor.user_id
    inspection.decided_at = ctx.at or clock.now()
    inspection.remark = ctx.reason
    inspection.save(update_fields=["state", "inspector", "decided_at", "remark"])


def decision_event(ctx: Context, inspection: Inspection, disposition: str) -> TraceEvent:
    """Write the trace event of a decision about the inspected lot."""
    lots = {inspection.lot_id: None}
    return record(ctx, observe("inspecting", inspection.site_id, lots, disposition=disposition))


def accept(ctx: Context, event: TraceEvent, lots: Sequence[Lot]) -> None:
    """Make received lots usable: released, and what lies in quarantine available."""
    waiting = [lot for lot in lots if lot.state == LotState.QUARANTINE]
    change_state(ctx, waiting, "release")
    stock.shift_status(ctx, event, lots, StockStatus.QUARANTINE, StockStatus.AVAILABLE)


def reject(ctx: Context, event: TraceEvent, lots: Sequence[Lot]) -> None:
    """Refuse lots: rejected, and what lies in quarantine blocked."""
    standing = [lot for lot in lots if lot.state != LotState.REJECTED]
    change_state(ctx, standing, "reject")
    stock.shift_status(ctx, event, lots, StockStatus.QUARANTINE, StockStatus.BLOCKED)


def set_aside(ctx: Context, event: TraceEvent, lot: Lot, rejected: Decimal) -> None:
    """Block a part of what lies of a lot in quarantine, place by place."""
    lying = Balance.objects.filter(lot=lot, status=StockStatus.QUARANTINE, quantity__gt=0)
    lines: list[MoveLine] = []
    left = rejected
    for balance in lying.select_related("location").order_by("pk"):
        part = min(left, balance.quantity)
        if part > 0:
            source = Place(balance.location, StockStatus.QUARANTINE)
            target = Place(balance.location, StockStatus.BLOCKED)
            lines.append(MoveLine(lot, part, source, target))
            left -= part
    stock.move(ctx, event, lines)
