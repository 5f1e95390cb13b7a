"""Pages, tasks and traces of quality: complete, and at a cost that does not grow with the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.ui.home import SOURCES
from erp.ui.records import KINDS, View, sections_of
from quality.inspection.models import Inspection
from quality.inspection.operations import record_results
from quality.nonconformity.models import Deviation
from quality.release.models import LotRelease
from quality.release.operations import release_lot
from tests.conftest import ctx_for, signed
from tests.equipment.builders import calibrated
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item
from tests.quality.builders import (
    accepted,
    deviation,
    dispositioned,
    finished,
    inspected,
    measured,
    plan,
    rejected,
)
from traceability.models import Lot
from traceability.origins import FACETS, MARKS, ORIGINS


def anchors(user: User, noun: str, record: Any) -> dict[str, Any]:
    """Return the sections of a record's page by anchor."""
    kind = KINDS[noun]
    actor = ctx_for(user).actor
    found = sections_of(kind, View(actor, kind.find(actor, record.pk)))
    return {section.anchor: section for section in found}


def waiting(user: User, code: str) -> list[Any]:
    """Return what a queue of the home page shows to a person."""
    source = next(s for s in SOURCES if s.code == code)
    return list(source.rows(ctx_for(user).actor))


def test_a_lot_shows_its_inspections_and_deviations(ada: User, ben: User, site: Site) -> None:
    inspection = rejected(ada, ben, site)
    shown = anchors(ada, "lots", inspection.lot)
    assert shown["inspections"].count == shown["deviations"].count == 1
    assert "release" not in shown


def test_a_unit_shows_the_release_of_its_lot(ada: User, ben: User, site: Site) -> None:
    batch = finished(ben, site)
    accepted(ben, batch)
    release_lot(signed(ada), lot_id=batch.pk)
    unit = batch.members.first()
    shown = anchors(ada, "lots", unit)
    assert shown["release"].count == shown["inspections"].count == 1
    page = anchors(ada, "releases", LotRelease.objects.get())
    assert page["checks"].count >= 6
    assert page["evidence"].count == 1


def test_an_inspection_shows_what_is_missing_and_what_is_out_of_limits(
    ada: User, ben: User, site: Site
) -> None:
    inspection = inspected(ada, ben, site)
    assert anchors(ada, "inspections", inspection)["missing"].count == 2
    measured(ben, inspection, diameter="11")
    shown = anchors(ada, "inspections", inspection)
    assert "missing" not in shown
    first = shown["results"].table.rows[0]
    assert (first.cells[0].tone, first.cells[3].tone) == ("bad", "bad")


def test_an_instrument_shows_what_it_measured(ada: User, ben: User, site: Site) -> None:
    inspection, caliper = inspected(ada, ben, site), calibrated(ada, site)
    row = {"characteristic_id": f"{inspection.plan}/1", "value": "10", "instrument_id": caliper.pk}
    record_results(ctx_for(ben), inspection_id=inspection.pk, results=[row])
    assert anchors(ada, "instruments", caliper)["results"].count == 1


def test_a_deviation_shows_its_lots(ada: User, ben: User, site: Site) -> None:
    found = deviation(ben, site, lot_in_stock(ada, site), lot_in_stock(ada, site))
    assert anchors(ada, "deviations", found)["lots"].count == 2


def test_work_waits_in_the_right_queue(ada: User, ben: User, site: Site) -> None:
    inspection = inspected(ada, ben, site)
    assert waiting(ben, "quality.inspections") == [inspection]
    assert waiting(ben, "quality.decisions") == []
    measured(ben, inspection)
    assert waiting(ben, "quality.inspections") == []
    assert waiting(ben, "quality.decisions") == [inspection]


def test_deviations_wait_for_their_next_step(ada: User, ben: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    found = deviation(ben, site, lot)
    assert waiting(ada, "quality.deviations-review") == [found]
    assert waiting(ada, "quality.blocked") == [lot]
    dispositioned(ada, found, "use_as_is")
    assert waiting(ada, "quality.deviations-review") == []
    assert waiting(ada, "quality.deviations-close") == [found]


def test_finished_batches_wait_for_release(ada: User, ben: User, dan: User, site: Site) -> None:
    batch = finished(ben, site)
    assert waiting(ada, "quality.release") == [batch]
    assert waiting(dan, "quality.release") == []
    accepted(ben, batch)
    release_lot(signed(ada), lot_id=batch.pk)
    assert waiting(ada, "quality.release") == []


def test_a_trace_starts_from_a_deviation_and_names_what_quality_found(
    ada: User, ben: User, site: Site
) -> None:
    inspection = rejected(ada, ben, site)
    found = Deviation.objects.get(inspection=inspection)
    lots = ORIGINS["deviation"].lots
    assert lots is not None
    assert list(lots([found.pk], None, None)) == [inspection.lot_id]
    named = {
        code: [row.label for row in FACETS[code].rows([], [inspection.lot_id])]
        for code in ("inspections", "deviations")
    }
    assert named == {"inspections": [inspection.number], "deviations": [found.number]}
    assert list(MARKS["deviation"].lots([inspection.lot_id])) == [inspection.lot_id]


NOUNS = ["inspections", "inspection-plans", "deviations", "releases"]


@pytest.mark.parametrize("noun", NOUNS)
def test_each_list_and_page_opens(
    client: Client, ada: User, ben: User, site: Site, noun: str
) -> None:
    rejected(ada, ben, site)
    batch = finished(ben, site)
    accepted(ben, batch)
    release_lot(signed(ada), lot_id=batch.pk)
    client.force_login(ada)
    assert client.get(f"/{noun}/").status_code == 200
    first = KINDS[noun].model_class()._default_manager.first()
    assert first is not None
    assert client.get(f"/{noun}/{first.pk}/").status_code == 200
    assert client.get(f"/lots/{batch.pk}/").status_code == 200


def cost(call: Callable[[], object]) -> int:
    """Return how many queries a call makes."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def test_a_page_costs_the_same_for_one_row_and_for_many(ada: User, ben: User, site: Site) -> None:
    lots: list[Lot] = [lot_in_stock(ada, site)]
    few = deviation(ben, site, *lots)
    lots += [lot_in_stock(ada, site) for _n in range(6)]
    many = deviation(ben, site, *lots)
    costs = [cost(lambda d=d: anchors(ada, "deviations", d)) for d in (few, many)]  # type: ignore[misc]
    assert costs[0] == costs[1]
    inspections = [inspected(ada, ben, site) for _n in range(2)]
    measured(ben, inspections[0])
    rows = [
        {"characteristic_id": f"{inspections[1].plan}/1", "sample": n, "value": "10"}
        for n in range(1, 20)
    ]
    rows.append({"characteristic_id": f"{inspections[1].plan}/2", "verdict": "pass"})
    record_results(ctx_for(ben), inspection_id=inspections[1].pk, results=rows)
    costs = [cost(lambda i=i: anchors(ada, "inspections", i)) for i in inspections]  # type: ignore[misc]
    assert costs[0] == costs[1]
    assert Inspection.objects.count() == 2


def test_the_api_gives_a_plan_with_its_characteristics(
    client: Client, ada: User, ben: User
) -> None:
    written = plan(ben, make_item())
    client.force_login(ada)
    form = client.get(f"/api/v1/inspection-plans/{written.pk}/").json()
    named = {c["code"]: (c["kind"], c["lower"], c["upper"]) for c in form["characteristics"]}
    assert list(named) == [f"{written.number}/1", f"{written.number}/2"]
    assert [kind for kind, _lower, _upper in named.values()] == ["measured", "attribute"]
    assert all(named[f"{written.number}/1"])
