"""As many samples as the plan asks for are inspected before goods are accepted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.accounts.queries import actor_for
from erp.core.errors import Blocked, InvalidInput
from quality.inspection.inputs import ROWS_AT_ONCE, rows_to_fill
from quality.inspection.models import Characteristic, Inspection
from quality.inspection.operations import (
    decide_inspection,
    record_results,
    write_inspection_plan,
)
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import make_item
from tests.quality.builders import DIAMETER, SURFACE, plan, received


def waiting(ada: User, ben: User, site: Site, samples: int, **more: Any) -> Inspection:
    """Return an open inspection whose plan asks for the diameter of so many samples."""
    item = make_item(unit=more.pop("unit", "pc"))
    plan(ben, item, {**DIAMETER, "samples": samples}, SURFACE)
    return Inspection.objects.get(lot=received(ada, ben, site, item, **more))


def measure(ben: User, inspection: Inspection, *samples: int) -> None:
    """Record the diameter of these samples and judge the surface of the first."""
    rows: list[Any] = [
        {"characteristic_id": f"{inspection.plan}/1", "sample": n, "value": "10"} for n in samples
    ]
    if 1 in samples:
        rows.append({"characteristic_id": f"{inspection.plan}/2", "verdict": "pass"})
    record_results(ctx_for(ben), inspection_id=inspection.pk, results=rows)


def accept(user: User, inspection: Inspection) -> Inspection:
    """Accept by signature."""
    return decide_inspection(signed(user), inspection_id=inspection.pk, decision="accept")


@pytest.mark.urs("QMS-02")
def test_fewer_samples_than_planned_are_not_enough(ada: User, ben: User, site: Site) -> None:
    inspection = waiting(ada, ben, site, samples=5)
    measure(ben, inspection, 1, 2)
    assert [*Inspection.objects.to_measure()] == [inspection]
    with pytest.raises(Blocked) as refusal:
        accept(ada, inspection)
    assert [(b.code, str(b.sentence)) for b in refusal.value.blockers] == [
        (
            "inspection.result_missing",
            f"{inspection.number} has results of 2 of 5 samples for “Diameter”.",
        )
    ]
    measure(ben, inspection, 3, 4, 7)
    assert [*Inspection.objects.to_decide()] == [inspection]
    assert accept(ada, inspection).state == "accepted"


@pytest.mark.urs("QMS-02")
def test_a_retest_is_no_further_sample(ada: User, ben: User, site: Site) -> None:
    inspection = waiting(ada, ben, site, samples=2)
    measure(ben, inspection, 1)
    again = {"characteristic_id": f"{inspection.plan}/1", "sample": 1, "value": "10"}
    record_results(
        ctx_for(ben, reason="jaws were dirty"), inspection_id=inspection.pk, results=[again]
    )
    with pytest.raises(Blocked):
        accept(ada, inspection)


def test_of_few_pieces_no_more_are_asked_for_than_there_are(
    ada: User, ben: User, site: Site
) -> None:
    inspection = waiting(ada, ben, site, samples=5, quantity=2)
    measure(ben, inspection, 1, 2)
    assert accept(ada, inspection).state == "accepted"


def test_of_a_bulk_material_all_samples_are_asked_for(ada: User, ben: User, site: Site) -> None:
    inspection = waiting(ada, ben, site, samples=5, quantity=2, unit="kg")
    measure(ben, inspection, 1, 2)
    with pytest.raises(Blocked):
        accept(ada, inspection)


def test_the_dialog_offers_a_row_for_each_sample_without_a_result(
    ada: User, ben: User, site: Site
) -> None:
    inspection = waiting(ada, ben, site, samples=4)
    measure(ben, inspection, 1, 3)
    assert inspection.plan is not None
    diameter = inspection.plan.characteristics.get(position=1).pk
    assert rows_to_fill(actor_for(ben), inspection) == [
        {"characteristic_id": diameter, "sample": 2},
        {"characteristic_id": diameter, "sample": 4},
    ]


@pytest.mark.urs("QMS-02")
def test_rows_left_blank_in_the_dialog_come_the_next_time(ada: User, ben: User, site: Site) -> None:
    inspection = waiting(ada, ben, site, samples=3)
    first = rows_offered(ben, inspection)[0]["characteristic_id"]
    form = {
        f"results[{n}]{name}": str(value)
        for n, row in enumerate(rows_offered(ben, inspection))
        for name, value in {**row, "value": "", "verdict": "", "instrument_id": ""}.items()
    }
    form["results[1]value"] = "10"
    browser = Client()
    browser.force_login(ben)
    answer = browser.post(f"/do/quality.record_results/{inspection.pk}/", form)
    assert answer.status_code in {200, 302, 303}
    assert [*inspection.results.values_list("characteristic", "sample")] == [(first, 2)]
    left = rows_offered(ben, inspection)
    assert [row["sample"] for row in left if row["characteristic_id"] == first] == [1, 3]


def test_the_dialog_asks_as_much_for_many_samples_as_for_few(
    ada: User, ben: User, site: Site
) -> None:
    browser = Client()
    browser.force_login(ben)
    asked = []
    for samples in (2, 2, 40):
        inspection = waiting(ada, ben, site, samples=samples)
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(f"/do/quality.record_results/{inspection.pk}/")
        asked.append(len(queries))
        own = Characteristic.objects.filter(plan=inspection.plan_id)
        select = answer.content.decode().partition("results[0]characteristic_id")[2]
        offered = re.findall(r'<option value="(\d+)"', select.partition("</select>")[0])
        assert {*offered} == {str(one.pk) for one in own}, "nothing is kept from another form"
    assert asked[1] == asked[2], "the first one warmed up"


def rows_offered(user: User, inspection: Inspection) -> list[dict[str, Any]]:
    """Return the rows a person is offered to fill."""
    return rows_to_fill(actor_for(user), inspection)


def test_a_number_beyond_reason_breaks_no_worklist(ada: User, ben: User, site: Site) -> None:
    inspection = waiting(ada, ben, site, samples=2)
    Inspection.objects.filter(pk=inspection.pk).update(quantity=10**11)
    assert [*Inspection.objects.to_measure()] == [inspection]


def test_a_dialog_stays_of_a_size_a_person_can_fill(ada: User, ben: User, site: Site) -> None:
    inspection = waiting(ada, ben, site, samples=90)
    assert len(rows_to_fill(actor_for(ben), inspection)) == ROWS_AT_ONCE


@pytest.mark.parametrize("samples", [0, -1, "many"])
def test_a_plan_asks_for_at_least_one_sample(ben: User, site: Site, samples: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        write_inspection_plan(
            ctx_for(ben),
            item_id=make_item().pk,
            stage="incoming",
            characteristics=[{**SURFACE, "samples": samples}],
        )
    assert [f.name for f in refusal.value.faults] == ["characteristics.samples"]
