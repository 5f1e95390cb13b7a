"""Reports from the line: genealogy per unit and per lot, ledger, refusals, the cost of many."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from equipment.models import Instrument
from erp.accounts.models import Site, User
from erp.core.errors import Blocked, IllegalStep, InvalidInput, NotFound, NotPermitted
from erp.inventory.models import Balance, StockMove
from erp.inventory.operations import hold_lot
from erp.production.errors import ComponentsMissing, MoreThanIssued, MoreThanPlanned
from erp.production.models import MaterialEntry, WorkOrder
from erp.production.operations import complete_work_order, report_production
from erp.production.queries import material_of, output_of
from tests.conftest import ctx_for
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item
from tests.production.builders import (
    issue,
    make_product,
    recorded_per_unit,
    running,
    serials,
    started,
    used,
)
from traceability.errors import NumberTaken, WrongTracking
from traceability.models import EventInput, EventOutput, Lot, TraceEvent

D = Decimal
THOUSAND_UNITS = 1000
QUERIES_OF_A_REPORT = 40
"""What a report of any size may cost; recorded from the run, see the test at the end."""


def report(user: User, order: WorkOrder, **given: Any) -> WorkOrder:
    return report_production(ctx_for(user), work_order_id=order.pk, **given)


@pytest.mark.urs("PRD-03", "TRC-01")
def test_units_and_material_are_one_transformation_of_the_report(ben: User, site: Site) -> None:
    order, lot = running(ben, site, quantity=3, issued=10)
    report(ben, order, units=serials(3), consumed=used((lot, "7")))
    event = TraceEvent.objects.get(kind="transformation", site=site)
    assert (event.biz_step, event.precision) == ("commissioning", "lot")
    assert list(event.inputs.values_list("lot", "quantity")) == [(lot.pk, D(7))]
    units = Lot.objects.filter(batch=order.batch)
    assert {o.lot: o.quantity for o in event.outputs.all()} == dict.fromkeys(units, 1)
    assert {(u.kind, u.state, u.expires_on) for u in units} == {
        ("serial", "quarantine", order.batch.expires_on)  # type: ignore[union-attr]
    }
    assert event.work_order_link.work_order == order


def test_the_ledger_takes_material_out_of_the_line_and_puts_units_there_in_quarantine(
    ben: User, site: Site
) -> None:
    order, lot = running(ben, site, quantity=2, issued=10)
    report(ben, order, units=serials(2), consumed=used((lot, 4)))
    left = Balance.objects.get(lot=lot, location__kind="line")
    assert (left.status, left.quantity) == ("available", D(6))
    made = Balance.objects.filter(lot__batch=order.batch, quantity__gt=0)
    assert {(b.location.kind, b.status, b.quantity) for b in made} == {("line", "quarantine", D(1))}
    assert StockMove.objects.filter(lot=lot, to_location__kind="production").get().quantity == 4


@pytest.mark.urs("TRC-02")
def test_a_unit_with_its_own_components_has_its_own_exact_event(ben: User, site: Site) -> None:
    board, glue = make_item(tracking="serial"), make_item()
    order = started(ben, site, make_product(board, glue), quantity=2)
    glue_lot = lot_in_stock(ben, site, item=glue)
    boards = [lot_in_stock(ben, site, item=board, quantity=1, kind="serial") for _ in range(2)]
    for lot, quantity in ((glue_lot, 5), (boards[0], 1), (boards[1], 1)):
        issue(ben, order, lot, quantity)
    units = serials(2)
    for unit, part in zip(units, boards, strict=True):
        unit["components"] = used((part, 1))
    report(ben, order, units=units, consumed=used((glue_lot, 2)))
    made = Lot.objects.get(number=units[0]["serial"])
    own, whole = TraceEvent.objects.filter(outputs__lot=made).order_by("biz_step")
    assert (own.biz_step, own.precision) == ("assembling", "unit")
    assert list(own.inputs.values_list("lot", flat=True)) == [boards[0].pk]
    assert whole.biz_step == "commissioning"
    assert list(whole.inputs.values_list("lot", flat=True)) == [glue_lot.pk]
    assert [line.remaining for line in material_of(order)] == [0, 3] or [
        line.remaining for line in material_of(order)
    ] == [3, 0]


def test_a_lot_tracked_item_is_reported_by_quantity(ben: User, site: Site) -> None:
    order, lot = running(ben, site, quantity=10, issued=10, tracking="lot")
    report(ben, order, quantity="4", consumed=used((lot, 4)))
    report(ben, order, quantity="5", consumed=used((lot, 6)), scrapped="1", scrap_reason="burr")
    assert output_of(order) == (D(9), D(1))
    assert Balance.objects.get(lot=order.batch).quantity == 9
    assert set(
        TraceEvent.objects.filter(kind="transformation", site=site).values_list("precision")
    ) == {("unit",)}


def test_the_production_identifier_is_the_units_own(ben: User, site: Site) -> None:
    order, lot = running(ben, site, issued=1)
    (unit,) = serials(1)
    report(ben, order, units=[unit], consumed=used((lot, 1)))
    made = Lot.objects.get(number=unit["serial"])
    assert made.udi_pi.endswith(f"(10){order.batch_number}(21){unit['serial']}")
    assert made.udi_pi.startswith("(11)")
    assert "(17)" in made.udi_pi


def test_serials_for_a_lot_item_and_a_quantity_for_a_serial_item_are_refused(
    ben: User, site: Site
) -> None:
    by_serial, _lot = running(ben, site)
    with pytest.raises(WrongTracking):
        report(ben, by_serial, quantity="1")
    by_lot, _lot = running(ben, site, tracking="lot")
    with pytest.raises(WrongTracking):
        report(ben, by_lot, units=serials(1))


def test_a_report_that_says_nothing_is_refused(ben: User, site: Site) -> None:
    order, _lot = running(ben, site)
    with pytest.raises(InvalidInput):
        report(ben, order)


def test_scrap_needs_a_reason(ben: User, site: Site) -> None:
    order, _lot = running(ben, site)
    with pytest.raises(InvalidInput) as refusal:
        report(ben, order, scrapped="1")
    assert [f.name for f in refusal.value.faults] == ["scrap_reason"]


def test_scrap_alone_destroys_what_it_used(ben: User, site: Site) -> None:
    order, lot = running(ben, site, issued=3)
    report(ben, order, scrapped="2", scrap_reason="cracked", consumed=used((lot, 2)))
    event = TraceEvent.objects.get(biz_step="destroying", site=site)
    assert (event.kind, event.action) == ("object", "DELETE")
    assert "cracked" in event.note
    assert not event.outputs.exists()


@pytest.mark.urs("PRD-03")
def test_more_than_was_issued_is_refused_with_every_short_lot(ben: User, site: Site) -> None:
    one, two = make_item(), make_item()
    order = started(ben, site, make_product(one, two))
    lots = [lot_in_stock(ben, site, item=item) for item in (one, two)]
    for lot in lots:
        issue(ben, order, lot, 3)
    with pytest.raises(MoreThanIssued) as refusal:
        report(ben, order, units=serials(1), consumed=used((lots[0], 4), (lots[1], 9)))
    assert {b.record.label for b in refusal.value.blockers if b.record} == {
        lot.number for lot in lots
    }
    assert not Lot.objects.filter(batch=order.batch).exists()


def test_material_of_another_order_cannot_be_used(ben: User, site: Site) -> None:
    order, _own = running(ben, site)
    _other, foreign = running(ben, site)
    with pytest.raises(MoreThanIssued):
        report(ben, order, units=serials(1), consumed=used((foreign, 1)))


def test_components_of_units_count_as_used_too(ben: User, site: Site) -> None:
    order, lot = running(ben, site, issued=2)
    units = serials(2)
    for unit in units:
        unit["components"] = used((lot, 1))
    with pytest.raises(MoreThanIssued):
        report(ben, order, units=units, consumed=used((lot, "0.5")))
    report(ben, order, units=units)
    assert MaterialEntry.objects.get(work_order=order, kind="consumed").quantity == 2


@pytest.mark.urs("PRD-03")
def test_more_than_planned_is_refused_scrap_included(ben: User, site: Site) -> None:
    order, _lot = running(ben, site, quantity=5)
    report(ben, order, units=serials(3), scrapped="1", scrap_reason="burr")
    with pytest.raises(MoreThanPlanned) as refusal:
        report(ben, order, units=serials(2))
    assert refusal.value.facts["done"] == "4"
    report(ben, order, units=serials(1))


def test_a_serial_number_is_never_given_twice(ben: User, site: Site) -> None:
    order, _lot = running(ben, site)
    units = serials(2)
    with pytest.raises(NumberTaken, match=units[0]["serial"]):
        report(ben, order, units=[units[0], units[1], units[0]])
    report(ben, order, units=units)
    with pytest.raises(NumberTaken, match=units[1]["serial"]):
        report(ben, order, units=[units[1]])
    assert Lot.objects.filter(batch=order.batch).count() == 2


def test_a_component_recorded_per_unit_must_be_named_for_every_unit(ben: User, site: Site) -> None:
    board = make_item(tracking="serial")
    product = make_product(board)
    recorded_per_unit(product, board)
    order = started(ben, site, product)
    lot = lot_in_stock(ben, site, item=board, quantity=1, kind="serial")
    issue(ben, order, lot, 1)
    units = serials(2)
    units[0]["components"] = used((lot, 1))
    with pytest.raises(ComponentsMissing) as refusal:
        report(ben, order, units=units)
    assert [f.row for f in refusal.value.faults] == [2]


@pytest.mark.urs("INV-02")
def test_material_held_after_it_was_issued_cannot_be_used(ben: User, site: Site) -> None:
    order, lot = running(ben, site)
    hold_lot(ctx_for(ben, reason="supplier notice"), lot_id=lot.pk, cause="supplier")
    with pytest.raises(Blocked) as refusal:
        report(ben, order, units=serials(1), consumed=used((lot, 1)))
    assert [b.code for b in refusal.value.blockers] == ["lot.on_hold"]


def test_held_material_and_an_uncalibrated_instrument_are_refused_together(
    ben: User, site: Site
) -> None:
    order, lot = running(ben, site)
    gauge = Instrument.objects.create(
        code="C-17", name="Caliper", instrument_class="caliper", site=site, interval_days=365
    )
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    with pytest.raises(Blocked) as refusal:
        report(ben, order, units=serials(1), consumed=used((lot, 1)), instrument_ids=[gauge.code])
    codes = [b.code for b in refusal.value.blockers]
    assert codes == ["lot.on_hold", "instrument.never_calibrated"]


def test_nothing_is_reported_on_a_completed_order(ben: User, site: Site) -> None:
    order, lot = running(ben, site, quantity=5, issued=1)
    report(ben, order, units=serials(1), consumed=used((lot, 1)))
    complete_work_order(ctx_for(ben), work_order_id=order.pk)
    with pytest.raises(IllegalStep):
        report(ben, order, units=serials(1))


def test_nothing_is_added_to_a_lot_that_is_decided(ben: User, site: Site) -> None:
    order, _lot = running(ben, site)
    Lot.objects.filter(made_by=order).update(state="rejected")
    with pytest.raises(Blocked) as refusal:
        report(ben, order, units=serials(1))
    assert [b.code for b in refusal.value.blockers] == ["production.batch_decided"]


@pytest.mark.urs("SEC-01")
def test_a_stranger_and_an_auditor_cannot_report(
    ben: User, cleo: User, dan: User, site: Site
) -> None:
    order, _lot = running(ben, site)
    with pytest.raises(NotPermitted):
        report(cleo, order, units=serials(1))
    with pytest.raises(NotFound):
        report(dan, order, units=serials(1))


def test_a_thousand_units_cost_as_many_queries_as_ten(ben: User, site: Site) -> None:
    few = _queries(ben, site, 10)
    many = _queries(ben, site, THOUSAND_UNITS)
    # Thousands of lots and of moves are written by COPY, which asks for their ids beforehand.
    assert many <= few + 3
    assert many <= QUERIES_OF_A_REPORT


def _queries(user: User, site: Site, count: int) -> int:
    parts = [make_item() for _ in range(5)]
    order = started(user, site, make_product(*parts), quantity=count)
    lots = [lot_in_stock(user, site, item=item, quantity=count) for item in parts]
    for lot in lots:
        issue(user, order, lot, count)
    units = serials(count)
    for unit in units:
        unit["components"] = used(*((lot, 1) for lot in lots))
    ctx = ctx_for(user)
    with CaptureQueriesContext(connection) as captured:
        report_production(ctx, work_order_id=order.pk, units=units)
    assert EventOutput.objects.filter(lot__batch=order.batch).count() == 2 * count
    assert EventInput.objects.filter(event__work_order_link__work_order=order).count() == 5 * count
    assert MaterialEntry.objects.filter(work_order=order, kind="consumed").count() == 5
    assert output_of(order)[0] == Decimal(count)
    return len(captured)
