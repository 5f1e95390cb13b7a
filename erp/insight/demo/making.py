"""Storylines of production: a batch of cages, sterilised outside, and a batch of pump
controllers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp.insight.demo import goods, labels, places
from erp.insight.demo.opening import pk_of_item
from erp.insight.demo.stage import Stage, Storyline
from erp.insight.demo.supply import KEEPER, decide, measure
from erp.inventory.models import Balance, HoldLine, StockStatus
from erp.masterdata.models import Location
from erp.production import operations as production
from erp.production.models import ProcessCycle, WorkOrder, WorkOrderMaterial
from erp.production.queries import remaining_by_lot
from quality.nonconformity import operations as nonconformity
from quality.nonconformity.models import Deviation
from quality.release import operations as release
from traceability.models import Lot
from traceability.states import LotState

OPERATORS = {"LUB": ("jonas", "aylin"), "SUZ": ("wangwei", "wangwei")}
RELEASER = {"LUB": "helena", "SUZ": "zhoumin"}
LOWEST_DOSE = Decimal(25)
MAKING_DAYS = 10
SCRAP_REASON = "Burr at the thread after milling"

STEPS = ("planned", "started", "half", "completed", "away", "back", "inspected", "released")
"""How far a batch has come; a plan names the last step it tells."""

Issue = tuple[int, str, Decimal]
"""Lot id, code of the place, quantity."""


@dataclass(frozen=True)
class Batch:
    """A batch to tell: its lot number, size, first working day back, and how far it goes."""

    number: str
    start: int
    size: int
    until: str = "released"
    scrapped: int = 0
    dose: str = "27.4"
    """Delivered dose in kGy; below 25 the cycle fails."""
    due: int | None = None
    """Due date in calendar days from today; empty: soon after it is made."""
    burred: str = ""
    """The ending of the one unit that final inspection refuses."""

    def reaches(self, step: str) -> bool:
        """Tell whether the batch gets as far as ``step``."""
        return STEPS.index(self.until) >= STEPS.index(step)


def cages(stage: Stage, plan: Batch) -> Storyline:
    """Tell a batch of cages: made in two shifts, sterilised outside, inspected, released."""
    first, second = OPERATORS["LUB"]
    yield stage.at(plan.start + 1, "15:00")
    order = _plan_order(stage, goods.CAGE, "LUB", plan)
    if not plan.reaches("started"):
        return
    yield stage.at(plan.start, "07:10")
    stage.do(production.start_work_order, first, work_order_id=order.pk)
    _issue_lots(stage, order, first, _needs(order))
    half = (plan.size - plan.scrapped) // 2
    if not plan.reaches("half"):
        return
    yield stage.at(plan.start - 1, "14:20")
    _report_cages(stage, order, first, plan, range(1, half + 1), share=Decimal("0.5"))
    if not plan.reaches("completed"):
        return
    yield stage.at(plan.start - 2, "14:40")
    rest = range(half + 1, plan.size - plan.scrapped + 1)
    _report_cages(stage, order, second, plan, rest, share=None)
    stage.do(production.complete_work_order, second, work_order_id=order.pk)
    lot = Lot.objects.get(pk=_batch_of(order))
    labels.label(stage, "LUB", lot)
    yield from _sterilise_and_release(stage, plan, lot)


def _sterilise_and_release(stage: Stage, plan: Batch, lot: Lot) -> Storyline:
    if not plan.reaches("away"):
        return
    yield stage.at(plan.start - 3, "11:00")
    cycle = stage.do(
        production.send_to_subcontractor,
        KEEPER["LUB"],
        lot_id=lot.pk,
        kind="sterilisation",
        place_id=places.STERILISER_PLACE,
    )
    if not plan.reaches("back"):
        return
    yield stage.at(plan.start - 7, "09:40")
    _receive_cycle(stage, cycle, plan.dose)
    if not plan.reaches("inspected"):
        return
    yield stage.at(plan.start - 8, "10:15")
    yield from inspect_and_release(stage, "LUB", plan, lot, release_after=10)


def _receive_cycle(stage: Stage, cycle: ProcessCycle, dose: str) -> None:
    stage.do(
        production.receive_from_subcontractor,
        KEEPER["LUB"],
        cycle_id=cycle.pk,
        cycle_number=f"SGN-{cycle.number[-5:]}",
        certificate_number=f"COI-{cycle.number[-5:]}",
        conforming=Decimal(dose) >= LOWEST_DOSE,
        to_location_id="LUB-STORE",
        parameters=[
            {"name": "Minimum dose", "value": dose, "unit": "kGy", "lower": "25", "upper": "40"},
            {"name": "Maximum dose", "value": "34.9", "unit": "kGy", "lower": "25", "upper": "40"},
            {
                "name": "Conveyor speed",
                "value": "0.42",
                "unit": "m/min",
                "lower": "0.40",
                "upper": "0.45",
            },
        ],
    )


def inspect_and_release(
    stage: Stage, site: str, plan: Batch, lot: Lot, *, release_after: int
) -> Storyline:
    """Inspect a finished batch and, days later, release it by signature."""
    if plan.burred:
        yield from _refuse_one(stage, site, plan, lot)
    else:
        measure(stage, site, lot)
        decide(stage, site, lot, "accept")
    if not plan.reaches("released"):
        return
    yield stage.at(plan.start - release_after, "16:05", site)
    stage.do(
        release.release_lot,
        RELEASER[site],
        lot_id=lot.pk,
        comment="Batch record reviewed by exception; nothing open.",
    )


def _refuse_one(stage: Stage, site: str, plan: Batch, lot: Lot) -> Storyline:
    """Accept a batch without one unit; the unit is reviewed and scrapped before the release."""
    measure(stage, site, lot, bad={"Surface without burrs": "fail"})
    unit = Lot.objects.get(batch=lot, number=f"{plan.number}-{plan.burred}")
    reason = f"Burr at the thread of {unit.number}."
    decide(stage, site, lot, "part", reason=reason, rejected_unit_ids=[unit.pk])
    deviation = Deviation.objects.get(lots__lot=unit)
    yield stage.at(plan.start - 9, "09:20", site)
    stage.do(
        nonconformity.review_deviation,
        "priya",
        deviation_id=deviation.pk,
        evaluation="One unit of the batch; the tool was changed after it. All others are smooth.",
        notify="Nobody: the unit did not leave the plant.",
    )
    stage.do(
        nonconformity.disposition_deviation,
        "priya",
        deviation_id=deviation.pk,
        disposition="scrap",
        justification="Rework of a sterilised implant is not validated.",
    )
    stage.do(
        nonconformity.close_deviation,
        "helena",
        deviation_id=deviation.pk,
        outcome="Destroyed in the presence of T. Herrera.",
    )


def pumps(stage: Stage, plan: Batch) -> Storyline:
    """Tell a batch of pump controllers: each unit with its own board, head and battery."""
    operator, _second = OPERATORS["SUZ"]
    yield stage.at(plan.start + 1, "14:00", "SUZ")
    order = _plan_order(stage, goods.PUMP, "SUZ", plan)
    if not plan.reaches("started"):
        return
    yield stage.at(plan.start, "08:20", "SUZ")
    stage.do(production.start_work_order, operator, work_order_id=order.pk)
    issued = _issue_lots(stage, order, operator, _needs(order))
    if not plan.reaches("completed"):
        return
    yield stage.at(plan.start - 2, "15:30", "SUZ")
    _report_pumps(stage, order, operator, plan, issued)
    stage.do(production.complete_work_order, operator, work_order_id=order.pk)
    lot = Lot.objects.get(pk=_batch_of(order))
    stage.do(production.move_to_storage, operator, lot_id=lot.pk, to_location_id="SUZ-STORE")
    labels.label(stage, "SUZ", lot)
    if not plan.reaches("inspected"):
        return
    yield stage.at(plan.start - 3, "09:30", "SUZ")
    yield from inspect_and_release(stage, "SUZ", plan, lot, release_after=5)


def _plan_order(stage: Stage, item: str, site: str, plan: Batch) -> WorkOrder:
    due = stage.calendar.ahead(14)
    if plan.start >= MAKING_DAYS:
        due = stage.calendar.day(plan.start - MAKING_DAYS)
    if plan.due is not None:
        due = stage.calendar.ahead(plan.due)
    made: WorkOrder = stage.do(
        production.plan_work_order,
        "fatima",
        item_id=pk_of_item(item),
        quantity=plan.size,
        site_id=site,
        batch_number=plan.number,
        due_on=due,
    )
    return made


def _batch_of(order: WorkOrder) -> int:
    order.refresh_from_db()
    return int(order.batch_id or 0)


def _needs(order: WorkOrder) -> list[WorkOrderMaterial]:
    return list(order.materials.select_related("component").order_by("pk"))


def _issue_lots(
    stage: Stage, order: WorkOrder, who: str, needs: Sequence[WorkOrderMaterial]
) -> dict[str, list[Issue]]:
    """Issue everything the order needs, first expiring first; returns what was issued by item."""
    issued: dict[str, list[Issue]] = {}
    for need in needs:
        picks = usable(stage, order.site.code, need.component.code, need.quantity)
        for lot_id, place, quantity in picks:
            stage.do(
                production.issue_material,
                who,
                work_order_id=order.pk,
                lot_id=lot_id,
                quantity=quantity,
                from_location_id=place,
            )
        issued[need.component.code] = picks
    return issued


def usable(stage: Stage, site: str, item: str, wanted: Decimal) -> list[Issue]:
    """Return usable stock of an item up to ``wanted``, first expired first out."""
    held = HoldLine.objects.filter(hold__released_at__isnull=True).values("lot")
    lying = (
        Balance.objects.filter(
            lot__item__code=item,
            lot__state=LotState.RELEASED,
            location__site__code=site,
            location__kind=Location.Kind.STORAGE,
            status=StockStatus.AVAILABLE,
            quantity__gt=0,
        )
        .exclude(lot__in=held)
        .exclude(lot__expires_on__lt=stage.moment.date())
        .select_related("location")
        .order_by("lot__expires_on", "lot_id")
    )
    found: list[Issue] = []
    missing = wanted
    for balance in lying.iterator(chunk_size=200):
        if missing <= 0:
            break
        part = min(missing, balance.quantity)
        found.append((balance.lot_id, balance.location.code, part))
        missing -= part
    if missing > 0:
        raise LookupError(f"the story has too little {item} at {site}: {missing} missing")
    return found


def _left(order: WorkOrder) -> Mapping[int, Decimal]:
    """Return what is still on the order's account, by lot."""
    return {lot: quantity for (_order, lot), quantity in remaining_by_lot([order.pk]).items()}


def _report_cages(
    stage: Stage,
    order: WorkOrder,
    who: str,
    plan: Batch,
    numbers: range,
    *,
    share: Decimal | None,
) -> None:
    """Report cages by serial; ``share`` of what is left was used (everything, when empty)."""
    left = _left(order)
    places_of = {m.component_id: m.component for m in _needs(order)}
    items = dict(Lot.objects.filter(pk__in=left).values_list("pk", "item_id"))
    used = []
    for lot_id, quantity in left.items():
        whole = places_of[items[lot_id]].unit == "pc"
        part = quantity if share is None else quantity * share
        used.append({"lot_id": lot_id, "quantity": part.quantize(Decimal(1 if whole else "0.001"))})
    scrap: dict[str, Any] = {}
    if share is None and plan.scrapped:
        scrap = {"scrapped": plan.scrapped, "scrap_reason": SCRAP_REASON}
    stage.do(
        production.report_production,
        who,
        work_order_id=order.pk,
        units=[{"serial": f"{plan.number}-{n:03d}"} for n in numbers],
        consumed=[row for row in used if row["quantity"]],
        instrument_ids=["M-04"],
        parameters="Mill 3, program CL12-07; PEEK injection 380 °C, 1120 bar; seal 182 °C, 1.2 s",
        **scrap,
    )


def _report_pumps(
    stage: Stage, order: WorkOrder, who: str, plan: Batch, issued: Mapping[str, Sequence[Issue]]
) -> None:
    """Report pumps by serial, each with the serials of its own components."""
    needs = {m.component.code: m for m in _needs(order)}
    each = [code for code, need in needs.items() if need.per_unit]
    lots = [code for code in needs if code not in each]
    stage.do(
        production.report_production,
        who,
        work_order_id=order.pk,
        units=[
            {
                "serial": f"{plan.number}-{n + 1:03d}",
                "components": [{"lot_id": issued[code][n][0], "quantity": 1} for code in each],
            }
            for n in range(plan.size)
        ],
        consumed=[
            {"lot_id": lot_id, "quantity": quantity}
            for code in lots
            for lot_id, _place, quantity in issued[code]
        ],
        instrument_ids=["TQ-02", "DMM-11"],
        parameters="Torque 0.8 N·m; software 2.1.4; burn-in 4 h at 40 °C",
    )
