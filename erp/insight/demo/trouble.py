"""Storylines of what went wrong: refused goods, a failed cycle, a hold, a concession, a return."""

from __future__ import annotations

from typing import Any

from erp.insight.demo import goods
from erp.insight.demo.making import Batch
from erp.insight.demo.opening import draft_approval, pk_of_item, revise
from erp.insight.demo.stage import Stage, Storyline
from erp.insight.demo.supply import measure
from erp.inventory import operations as inventory
from erp.masterdata import operations as masterdata
from erp.sales import operations as sales
from erp.sales.models import ShipmentLine
from procurement import operations as procurement
from procurement.models import SupplierApproval
from quality.inspection import operations as inspection
from quality.inspection.models import Inspection
from quality.nonconformity import operations as nonconformity
from quality.nonconformity.models import Deviation
from quality.release import operations as release
from traceability.models import Lot


def _review(stage: Stage, deviation: Deviation, evaluation: str, notify: str) -> None:
    stage.do(
        nonconformity.review_deviation,
        "priya",
        deviation_id=deviation.pk,
        evaluation=evaluation,
        notify=notify,
    )


def _dispose(stage: Stage, deviation: Deviation, disposition: str, why: str) -> None:
    stage.do(
        nonconformity.disposition_deviation,
        "priya",
        deviation_id=deviation.pk,
        disposition=disposition,
        justification=why,
    )


def _about(supplier_lot: str) -> Deviation:
    return Deviation.objects.get(lots__lot__supplier_lot=supplier_lot)


def refused_bar(stage: Stage, supplier_lot: str, start: int) -> Storyline:
    """The rejected titanium goes back, and its supplier is suspended."""
    yield stage.at(start, "11:00")
    deviation = _about(supplier_lot)
    _review(
        stage,
        deviation,
        "Diameter 0.06 mm above the limit on one of three bars; the certificate states 16.00 mm. "
        "The supplier measured before straightening. No part of the lot was used.",
        "Supplier only: nothing of this lot left the quarantine store.",
    )
    _dispose(stage, deviation, "return", "Cannot be machined on the validated programme.")
    yield stage.at(start - 2, "15:00")
    stage.do(
        nonconformity.close_deviation,
        "helena",
        deviation_id=deviation.pk,
        outcome="Returned with delivery note R-118; credit note asked for.",
    )
    approval = SupplierApproval.objects.get(supplier__code="SUP-BALTIC")
    stage.do(
        procurement.suspend_supplier,
        "helena",
        approval_id=approval.pk,
        reason="Second delivery out of tolerance within a year; corrective action not answered.",
    )


def refused_part(stage: Stage, supplier_lot: str, start: int) -> Storyline:
    """The misprinted labels are to be scrapped; closing that is still to do."""
    yield stage.at(start, "10:30")
    deviation = _about(supplier_lot)
    _review(
        stage,
        deviation,
        "The last roll carries another customer's symbol for latex. The other rolls are right.",
        "Nobody: found at receipt.",
    )
    _dispose(stage, deviation, "scrap", "Mixed rolls cannot be sorted safely.")


def failed_cycle(stage: Stage, batch: str, start: int) -> Storyline:
    """The underdosed batch is on hold; the review is done, the disposition is to be decided."""
    yield stage.at(start, "14:10")
    deviation = Deviation.objects.get(lots__lot__number=batch)
    _review(
        stage,
        deviation,
        "The minimum dose of 21.3 kGy is below the 25 kGy validated for SAL 10⁻⁶. The conveyor "
        "stopped for maintenance during the run. All units of the lot were in the load.",
        "Nobody: no unit left the plant.",
    )


def doubtful_label(stage: Stage, batch: str, start: int) -> Storyline:
    """A hold on a released batch breaks what was promised of it; it is still in force."""
    yield stage.at(start, "15:40")
    lot = Lot.objects.get(number=batch)
    stage.do(
        inventory.hold_lot,
        "priya",
        reason="A photo shows a label with an unreadable DataMatrix; retained samples are checked.",
        lot_id=lot.pk,
        cause="quality",
    )


def lifted_hold(stage: Stage, batch: str, start: int) -> Storyline:
    """A hold that was placed and lifted by another person, with signature."""
    yield stage.at(start, "09:00")
    lot = Lot.objects.get(number=batch)
    hold = stage.do(
        inventory.hold_lot,
        "priya",
        reason="Bioburden report of the week outstanding.",
        lot_id=lot.pk,
        cause="quality",
    )
    yield stage.at(start - 1, "16:30")
    stage.do(
        inventory.release_hold,
        "helena",
        reason="Report BB-2231 received: below the alert limit.",
        hold_id=hold.pk,
    )


def scratched_pumps(stage: Stage, plan: Batch) -> Storyline:
    """A cosmetic scratch is accepted by concession; then the batch is inspected and released."""
    yield stage.at(plan.start - 3, "13:30", "SUZ")
    lot = Lot.objects.get(number=plan.number)
    measure(stage, "SUZ", lot, bad={"Housing without scratches": "fail"})
    deviation = stage.do(
        nonconformity.open_deviation,
        "chenhao",
        site_id="SUZ",
        kind="planned",
        title="Scratch on the rear shell of one unit",
        description="Hairline scratch of 12 mm on the rear shell, outside the label and the seals.",
        severity="minor",
        lot_ids=[lot.pk],
        source_text=Inspection.objects.get(lot=lot, state="open").number,
    )
    _review(stage, deviation, "Cosmetic only; ingress protection is not affected.", "Nobody.")
    _concede(stage, deviation)
    stage.do(
        inspection.decide_inspection,
        "chenhao",
        inspection_id=Inspection.objects.get(lot=lot, state="open").pk,
        decision="accept",
        remark=f"Accepted under {deviation.number}",
    )
    yield stage.at(plan.start - 4, "10:00", "SUZ")
    _dispose(stage, deviation, "use_as_is", "Meets every functional requirement.")
    stage.do(
        nonconformity.close_deviation,
        "zhoumin",
        deviation_id=deviation.pk,
        outcome="Packing foam of the rear shell changed.",
    )
    yield from _release(stage, plan, lot)


def _concede(stage: Stage, deviation: Deviation) -> None:
    today = stage.moment.date()
    stage.do(
        nonconformity.approve_concession,
        "zhoumin",
        deviation_id=deviation.pk,
        gate="inspection.accept",
        valid_from=today,
        valid_until=stage.calendar.ahead(30),
        justification="Cosmetic departure without effect on safety, performance or legibility.",
    )


def _release(stage: Stage, plan: Batch, lot: Lot) -> Storyline:
    yield stage.at(plan.start - 5, "16:05", "SUZ")
    stage.do(release.release_lot, "zhoumin", lot_id=lot.pk, comment="Released with one concession.")


def returned_pump(stage: Stage, customer: str, start: int) -> Storyline:
    """One pump came back from a hospital and waits in quarantine."""
    yield stage.at(start, "10:10", "SUZ")
    lines = ShipmentLine.objects.filter(
        shipment__customer__code=customer, lot__item__code=goods.PUMP
    )
    line = lines.order_by("pk").first()
    if line is None:
        raise LookupError(f"the story shipped no pump to {customer}")
    stage.do(
        sales.return_goods,
        "sofia",
        reason="Door sensor alarm at every start; the ward asks for an exchange.",
        shipment_id=line.shipment_id,
        lines=[{"lot_id": line.lot_id, "quantity": 1}],
    )


def new_revision(stage: Stage, start: int) -> Storyline:
    """Revision B of the cage: a double sterile barrier and a third label."""
    yield stage.at(start, "10:00")
    what = "Double sterile barrier pouch; third label for the implant card (change CR-0017)"
    revise(stage, goods.CAGE, "B", what, goods.CAGE_B)


def waiting_signatures(stage: Stage) -> Storyline:
    """What waits for a signature today: a drafted revision and a drafted supplier approval."""
    yield stage.at(1, "16:00")
    bom: list[dict[str, Any]] = [
        {"component_id": c, "quantity": q, "per_unit": each} for c, q, each in goods.PUMP_A
    ]
    stage.do(
        masterdata.draft_revision,
        "fatima",
        item_id=pk_of_item(goods.PUMP),
        revision="B",
        description="Battery pack with cell balancing (change CR-0021)",
        lines=bom,
    )
    basis = "Questionnaire; titanium stays suspended"
    until = stage.calendar.ahead(365)
    draft_approval(stage, "SUP-BALTIC", [goods.SCREWS], "low", basis, until=until)
