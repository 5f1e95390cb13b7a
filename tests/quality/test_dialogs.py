"""The dialogs and the API of quality: filled in beforehand, the same operation behind both."""

from __future__ import annotations

import pytest
from django.test import Client

from erp.accounts.models import Site, User
from erp.operations import REGISTRY
from quality.inspection.models import Inspection
from quality.nonconformity.models import Deviation
from tests.conftest import PASSWORD
from tests.inventory.builders import lot_in_stock
from tests.quality.builders import deviation, inspected, results

ON_INSPECTION = ["quality.record_results", "quality.decide_inspection"]
ON_DEVIATION = [
    "quality.review_deviation",
    "quality.disposition_deviation",
    "quality.close_deviation",
    "quality.approve_concession",
]


@pytest.fixture
def browser(client: Client, ada: User) -> Client:
    """Return a browser in which Ada is signed in."""
    client.force_login(ada)
    return client


@pytest.mark.parametrize("code", ON_INSPECTION)
def test_dialogs_of_an_inspection_open(
    browser: Client, ada: User, ben: User, site: Site, code: str
) -> None:
    inspection = inspected(ada, ben, site)
    page = browser.get(f"/do/{code}/{inspection.pk}/")
    assert page.status_code == 200
    if code == "quality.record_results":
        assert page.content.decode().count("Diameter") >= 1


@pytest.mark.parametrize("code", ON_DEVIATION)
def test_dialogs_of_a_deviation_open(
    browser: Client, ada: User, ben: User, site: Site, code: str
) -> None:
    found = deviation(ben, site, lot_in_stock(ada, site))
    assert browser.get(f"/do/{code}/{found.pk}/").status_code == 200


def test_results_are_typed_into_the_dialog(
    browser: Client, ada: User, ben: User, site: Site
) -> None:
    inspection = inspected(ada, ben, site)
    assert inspection.plan is not None
    first, second = inspection.plan.characteristics.order_by("position")
    form = {
        "results[0]characteristic_id": str(first.pk),
        "results[0]sample": "1",
        "results[0]value": "10.02",
        "results[1]characteristic_id": str(second.pk),
        "results[1]sample": "1",
        "results[1]verdict": "pass",
    }
    answer = browser.post(f"/do/quality.record_results/{inspection.pk}/", form)
    assert answer.status_code in {200, 302, 303}
    assert inspection.results.filter(within=True).count() == 2
    decision = {
        "decision": "accept",
        "signature_username": "ada",
        "signature_password": PASSWORD,
        "username": "ada",
        "password": PASSWORD,
    }
    browser.post(f"/do/quality.decide_inspection/{inspection.pk}/", decision)
    inspection.refresh_from_db()
    assert inspection.state == "accepted"


def test_the_api_takes_the_same_rows(browser: Client, ada: User, ben: User, site: Site) -> None:
    inspection = inspected(ada, ben, site)
    path = f"/api/v1/inspections/{inspection.pk}/{REGISTRY['quality.record_results'].verb}/"
    body = {"results": results(inspection, diameter="12")}
    answer = browser.post(path, body, content_type="application/json")
    assert answer.status_code in {200, 201}
    assert inspection.results.filter(within=False).count() == 1
    listed = browser.get("/api/v1/inspections/").json()
    assert inspection.number in str(listed)


def test_a_deviation_is_opened_from_the_list(browser: Client, ada: User, site: Site) -> None:
    lots = [lot_in_stock(ada, site) for _n in range(2)]
    form = {
        "site_id": site.code,
        "kind": "nonconformity",
        "title": "Dent",
        "description": "Seen at the line",
        "severity": "minor",
        "lot_ids": "\n".join(lot.number for lot in lots),
    }
    browser.post("/do/quality.open_deviation/", form)
    found = Deviation.objects.get()
    assert {link.lot for link in found.lots.all()} == set(lots)
    assert Inspection.objects.count() == 0
