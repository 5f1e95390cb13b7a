"""Pages, lists and API of equipment."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from equipment.operations import retire_instrument
from equipment.records.lots import instruments_section
from erp.accounts.models import Site, User
from erp.ui.home import SOURCES
from erp.ui.records import View
from tests.conftest import PASSWORD, ctx_for
from tests.equipment.builders import calibrated, calibration, instrument, measured, overdue, point
from tests.inventory.builders import lot_in_stock

pytestmark = pytest.mark.django_db


def _browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _api(client: Client, address: str) -> Any:
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def test_pages_of_ours_stand_and_are_not_found_by_dan(ben: User, dan: User, site: Site) -> None:
    made = instrument(ben, site)
    done = calibration(ben, made, points=[point("as_found", "10", "10.01")])
    measured(ben, site, lot_in_stock(ben, site), with_=[made])
    pages = [f"/instruments/{made.pk}/", f"/calibrations/{done.pk}/"]
    assert [_browser(ben).get(page).status_code for page in pages] == [200, 200]
    assert [_browser(dan).get(page).status_code for page in pages] == [404, 404]
    for noun in ("instruments", "calibrations"):
        assert made.code in _browser(ben).get(f"/{noun}/").content.decode()
        assert _api(_browser(dan), f"{noun}/")["count"] == 0


def test_the_api_tells_whether_an_instrument_is_calibrated(ben: User, site: Site) -> None:
    made = calibrated(ben, site)
    body = _api(_browser(ben), f"instruments/{made.pk}/")
    due = made.calibrations.get().due_on.isoformat()
    assert (body["state"], body["verdict"], body["due_on"]) == ("in_service", "pass", due)


@pytest.mark.urs("INT-01", "EQP-02")
def test_a_calibration_passes_through_the_api_signed(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    body: dict[str, Any] = {
        "instrument_id": made.code,
        "verdict": "pass",
        "performed_by": "Laboratory",
        "standard_used": "GB-1",
        "points": [point("as_found", "10", "10.01")],
    }
    client = _browser(ben)
    address = "/api/v1/calibrations/record/"
    unsigned = client.post(address, json.dumps(body), content_type="application/json")
    assert unsigned.status_code in {401, 403, 409, 422}
    body["signature"] = {"username": ben.username, "password": PASSWORD, "meaning": "verified"}
    signed = client.post(address, json.dumps(body), content_type="application/json")
    assert signed.status_code == 201, signed.content
    assert signed.json()["as_found"] == "within"


def test_the_dialog_takes_the_instrument_from_its_page(ben: User, site: Site) -> None:
    made = calibrated(ben, site)
    address = f"/do/equipment.record_calibration/?instrument_id={made.pk}"
    assert address.encode() in _browser(ben).get(f"/instruments/{made.pk}/").content
    assert _browser(ben).get(address).status_code == 200


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("calibration=overdue", {"NEVER", "LATE"}),
        ("calibration=soon", {"SOON"}),
        ("calibration=valid", {"SOON", "GOOD"}),
        ("state=retired", {"GONE"}),
        ("search=goo", {"GOOD"}),
    ],
)
def test_filters_keep_what_they_say(ben: User, site: Site, query: str, codes: set[str]) -> None:
    _park(ben, site)
    found = _api(_browser(ben), f"instruments/?{query}")["results"]
    assert {row["code"] for row in found} == codes


def _park(ben: User, site: Site) -> None:
    instrument(ben, site, code="NEVER")
    overdue(ben, site, code="LATE")
    calibrated(ben, site, code="SOON", interval_days=10)
    calibrated(ben, site, code="GOOD")
    gone = instrument(ben, site, code="GONE")
    retire_instrument(ctx_for(ben, reason="worn"), instrument_id=gone.pk)


def test_home_lists_what_is_due(ben: User, dan: User, site: Site) -> None:
    _park(ben, site)
    rows = {s.code: s.rows for s in SOURCES}
    actor = ctx_for(ben).actor
    assert {i.code for i in rows["equipment.overdue"](actor)} == {"NEVER", "LATE"}
    assert {i.code for i in rows["equipment.due_soon"](actor)} == {"SOON"}
    assert not rows["equipment.overdue"](ctx_for(dan).actor).exists()


@pytest.mark.parametrize("noun", ["instruments", "calibrations"])
def test_a_list_costs_the_same_for_two_and_for_ten(ben: User, site: Site, noun: str) -> None:
    client = _browser(ben)

    def cost() -> int:
        with CaptureQueriesContext(connection) as page:
            assert client.get(f"/{noun}/").status_code == 200
        with CaptureQueriesContext(connection) as api:
            _api(client, f"{noun}/")
        return len(page) + len(api)

    for _n in range(2):
        calibrated(ben, site, owner_id=ben.pk)
    cost()
    few = cost()
    for _n in range(8):
        calibrated(ben, site, owner_id=ben.pk)
    assert cost() == few


def test_the_page_of_an_instrument_costs_the_same_for_one_use_and_for_many(
    ben: User, site: Site
) -> None:
    made = calibrated(ben, site)
    client = _browser(ben)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/instruments/{made.pk}/").status_code == 200
        return len(queries)

    measured(ben, site, lot_in_stock(ben, site), with_=[made])
    cost()
    few = cost()
    for _n in range(10):
        measured(ben, site, lot_in_stock(ben, site), with_=[made])
    assert cost() == few


@pytest.mark.urs("TRC-03")
def test_a_lot_says_what_measured_it_and_a_unit_what_measured_its_lot(
    ben: User, site: Site
) -> None:
    made = calibrated(ben, site, code="C-17")
    batch = lot_in_stock(ben, site)
    unit = lot_in_stock(ben, site, quantity=1, item=batch.item, kind="serial", batch=batch)
    untouched = lot_in_stock(ben, site)
    measured(ben, site, batch, with_=[made])
    actor = ctx_for(ben).actor
    for lot in (batch, unit):
        section = instruments_section(View(actor, lot))
        assert section is not None
        assert section.count == 1
    assert instruments_section(View(actor, untouched)) is None
