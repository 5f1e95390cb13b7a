"""Results of inspections: with their instruments, judged by the limits, never overwritten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipment.models import InstrumentUse
from erp.accounts.models import Site, User
from erp.core.errors import Blocked, IllegalStep, InvalidInput, NotFound
from quality.inspection.errors import ResultExists
from quality.inspection.models import Inspection, InspectionResult
from quality.inspection.operations import record_results
from quality.inspection.rules import within_limits
from tests.conftest import ctx_for
from tests.equipment.builders import calibrated, overdue
from tests.masterdata.builders import make_item
from tests.quality.builders import DIAMETER, inspected, measured, plan, received, rejected
from traceability.models import EventSubject


@pytest.fixture
def inspection(ada: User, ben: User, site: Site) -> Inspection:
    """Return an open incoming inspection with the usual plan."""
    return inspected(ada, ben, site)


def record(user: User, inspection: Inspection, *rows: dict[str, Any], reason: str = "") -> None:
    """Record rows of results."""
    record_results(ctx_for(user, reason=reason), inspection_id=inspection.pk, results=list(rows))


@pytest.mark.urs("QMS-02")
def test_a_result_keeps_its_instrument_person_and_event(
    ada: User, ben: User, site: Site, inspection: Inspection
) -> None:
    caliper = calibrated(ada, site)
    row = {
        "characteristic_id": f"{inspection.plan}/1",
        "value": "10.05",
        "instrument_id": caliper.code,
    }
    record(ben, inspection, row)
    result = InspectionResult.objects.get(inspection=inspection)
    assert (result.value, result.within) == (Decimal("10.05"), True)
    assert (result.instrument, result.measured_by) == (caliper, ben)
    assert result.event.biz_step == "inspecting"
    assert EventSubject.objects.filter(event=result.event, lot=inspection.lot).exists()
    assert InstrumentUse.objects.filter(event=result.event, instrument=caliper).exists()


@pytest.mark.parametrize(
    ("value", "within"), [("9.9", True), ("10.1", True), ("9.899999", False), ("10.100001", False)]
)
def test_the_limits_themselves_conform(
    ben: User, inspection: Inspection, value: str, *, within: bool
) -> None:
    record(ben, inspection, {"characteristic_id": f"{inspection.plan}/1", "value": value})
    assert InspectionResult.objects.get(inspection=inspection).within is within
    inspection.refresh_from_db()
    assert inspection.state == "open"


def test_a_failed_judgement_is_out_of_limits(ben: User, inspection: Inspection) -> None:
    record(ben, inspection, {"characteristic_id": f"{inspection.plan}/2", "verdict": "fail"})
    assert not InspectionResult.objects.get(inspection=inspection).within


def test_an_instrument_past_its_calibration_measures_nothing(
    ada: User, ben: User, site: Site, inspection: Inspection
) -> None:
    caliper = overdue(ada, site)
    row = {"characteristic_id": f"{inspection.plan}/1", "value": "10", "instrument_id": caliper.pk}
    with pytest.raises(Blocked) as refusal:
        record(ben, inspection, row)
    assert [b.code for b in refusal.value.blockers] == ["instrument.calibration_overdue"]
    assert not InspectionResult.objects.filter(inspection=inspection).exists()


def test_every_wrong_row_is_named(ben: User, inspection: Inspection) -> None:
    measured_one, judged_one = f"{inspection.plan}/1", f"{inspection.plan}/2"
    with pytest.raises(InvalidInput) as refusal:
        record(
            ben,
            inspection,
            {"characteristic_id": measured_one},
            {"characteristic_id": judged_one, "value": "3"},
            {"characteristic_id": judged_one, "sample": 2, "verdict": "pass"},
            {"characteristic_id": judged_one, "sample": 2, "verdict": "pass"},
        )
    named = {(f.row, f.name) for f in refusal.value.faults}
    assert named == {
        (1, "results.value"),
        (2, "results.verdict"),
        (2, "results.value"),
        (4, "results.sample"),
    }


def test_a_characteristic_of_another_plan_is_refused(
    ada: User, ben: User, site: Site, inspection: Inspection
) -> None:
    other = inspected(ada, ben, site)
    with pytest.raises(InvalidInput) as refusal:
        record(ben, inspection, {"characteristic_id": f"{other.plan}/1", "value": "10"})
    assert refusal.value.faults[0].name == "results.characteristic_id"


def test_the_plan_says_which_class_of_instrument(ada: User, ben: User, site: Site) -> None:
    item = make_item()
    plan(ben, item, {**DIAMETER, "instrument_class": "Micrometer"})
    inspection = Inspection.objects.get(lot=received(ada, ben, site, item))
    row = {"characteristic_id": f"{inspection.plan}/1", "value": "10"}
    for more in ({}, {"instrument_id": calibrated(ada, site).pk}):
        with pytest.raises(InvalidInput) as refusal:
            record(ben, inspection, {**row, **more})
        assert [f.name for f in refusal.value.faults] == ["results.instrument_id"]
    right = calibrated(ada, site, instrument_class="micrometer")
    record(ben, inspection, {**row, "instrument_id": right.pk})
    assert inspection.results.get().instrument == right


def test_a_retest_needs_a_reason_and_keeps_the_first_result(
    ada: User, ben: User, inspection: Inspection
) -> None:
    row = {"characteristic_id": f"{inspection.plan}/1", "value": "11"}
    record(ben, inspection, row)
    with pytest.raises(ResultExists):
        record(ada, inspection, {**row, "value": "10"})
    record(ada, inspection, {**row, "value": "10"}, reason="the probe had slipped")
    first, second = InspectionResult.objects.filter(inspection=inspection).order_by("pk")
    assert (first.value, second.value, second.retest_of) == (Decimal(11), Decimal(10), first)
    assert list(InspectionResult.objects.standing().filter(inspection=inspection)) == [second]


def test_a_decided_inspection_takes_no_more_results(ada: User, ben: User, site: Site) -> None:
    inspection = rejected(ada, ben, site)
    with pytest.raises(IllegalStep):
        measured(ben, inspection)


def test_strangers_record_nothing(dan: User, inspection: Inspection) -> None:
    with pytest.raises(NotFound):
        measured(dan, inspection)


numbers = st.decimals(min_value=-1000, max_value=1000, places=3)


@given(value=numbers, lower=st.none() | numbers, upper=st.none() | numbers)
def test_within_limits_is_the_meeting_of_both_sides(
    value: Decimal, lower: Decimal | None, upper: Decimal | None
) -> None:
    both = within_limits(value, lower, upper)
    assert both == (within_limits(value, lower, None) and within_limits(value, None, upper))
    assert within_limits(value, None, None)
    assert within_limits(value, value, value)
