"""Pages, API and files of identifiers and data sheets, as people and machines meet them."""

from __future__ import annotations

import io
import json
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import SecurityEvent, Site, User
from erp.masterdata.models import Item
from tests.accounts.builders import token_text
from tests.conftest import PASSWORD, ctx_for
from tests.inventory.builders import lot_in_stock
from tests.traceability.devices import active, draft, gtin, make_device
from traceability.datasheets.models import DataSheet
from traceability.datasheets.operations import start_data_sheet
from traceability.identifiers.models import DeviceIdentifier


def browser(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def in_chinese(user: User) -> Client:
    """Return a browser of a person who reads Chinese."""
    client = browser(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    return client


def page(user: User, address: str) -> str:
    """Return a page that must stand."""
    answer = browser(user).get(address)
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return answer.content.decode()


@pytest.fixture
def item(db: None) -> Item:
    """Return a device."""
    return make_device(name="Hip stem")


@pytest.fixture
def identifier(ben: User, ada: User, item: Item) -> DeviceIdentifier:
    """Return its active identifier."""
    return active(ben, ada, item)


@pytest.fixture
def sheet(ben: User, identifier: DeviceIdentifier) -> DataSheet:
    """Return an empty GUDID sheet of it."""
    return start_data_sheet(ctx_for(ben), identifier_id=identifier.pk, registry="GUDID")


def test_a_device_without_identifier_is_told_how_it_gets_one(ada: User, item: Item) -> None:
    shown = page(ada, f"/items/{item.pk}/")
    assert "No device identifier yet" in shown
    assert f"/do/traceability.register_identifier/?item_id={item.code}" in shown


def test_who_may_not_register_is_not_offered_to(cleo: User, item: Item) -> None:
    assert "register_identifier" not in page(cleo, f"/items/{item.pk}/")


def test_a_material_has_no_section_of_identifiers(ada: User) -> None:
    assert (
        "Device identifiers"
        not in page(ada, f"/items/{make_device(kind='material').pk}/").partition("<main")[2]
    )


@pytest.mark.urs("UDI-01")
def test_the_page_of_a_package_shows_the_whole_tree(
    ada: User, ben: User, item: Item, identifier: DeviceIdentifier
) -> None:
    box = draft(ben, item, level="inner", contains_id=identifier.pk, contained_quantity=5)
    case = draft(ben, item, level="case", contains_id=box.pk, contained_quantity=8)
    for address in (f"/device-identifiers/{case.pk}/", f"/items/{item.pk}/"):
        shown = page(ada, address)
        assert all(row.di in shown for row in (identifier, box, case))
        assert f"5 × {identifier.di}" in shown


def test_a_tree_of_many_packages_costs_no_query_more(
    ada: User, ben: User, item: Item, identifier: DeviceIdentifier
) -> None:
    client, address = browser(ada), f"/device-identifiers/{identifier.pk}/"
    counts = []
    for more in (1, 12):
        for n in range(more):
            draft(ben, item, level="case", contains_id=identifier.pk, contained_quantity=100 + n)
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as taken:
            client.get(address)
        counts.append(len(taken))
    assert counts[0] == counts[1]


@pytest.mark.urs("UDI-01")
def test_a_machine_registers_and_reads_identifiers(ada: User, item: Item) -> None:
    text = token_text(ada, ada, "read", "traceability.register_identifier")
    client = Client(headers={"Authorization": f"Bearer {text}"})
    body = {"item_id": item.code, "issuer": "HIBCC", "di": "+A123BJC5D6E71G"}
    made = client.post("/api/v1/device-identifiers/register/", body, "application/json")
    assert (made.status_code, made.json()["di"]) == (201, "A123BJC5D6E71")
    again = client.post("/api/v1/device-identifiers/register/", body, "application/json")
    assert (again.status_code, again.json()["code"]) == (409, "traceability.identifier_taken")
    found = client.get("/api/v1/device-identifiers/", {"search": "A123BJC5D6E71"}).json()
    assert [(row["di"], row["item"], row["state"]) for row in found["results"]] == [
        ("A123BJC5D6E71", item.code, "draft")
    ]


def test_a_refused_number_says_where_and_what_in_the_readers_language(
    ada: User, item: Item
) -> None:
    body = {"item_id": item.code, "issuer": "GS1", "di": "51022222233337"}
    answer = in_chinese(ada).post(
        "/api/v1/device-identifiers/register/", json.dumps(body), "application/json"
    )
    assert answer.status_code == 422
    assert "第 14 位为“7”，应为：6" in answer.json()["detail"]


@pytest.mark.urs("UDI-01")
def test_a_lot_tells_its_identifier_by_page_and_api(
    ada: User, ben: User, site: Site, item: Item, identifier: DeviceIdentifier
) -> None:
    lot = lot_in_stock(ben, site, item=item)
    told = browser(ada).get(f"/api/v1/lots/{lot.pk}/").json()
    assert (told["udi_di"], told["udi_pi"]) == (identifier.di, f"(10){lot.number}")
    assert identifier.di in page(ada, f"/lots/{lot.pk}/")


def test_lots_of_many_items_are_listed_without_a_query_per_row(
    ada: User, ben: User, site: Site
) -> None:
    counts = []
    client = browser(ada)
    for more in (2, 5):
        for _ in range(more):
            item = make_device(name="Cage of the list")
            active(ben, ada, item)
            lot_in_stock(ben, site, item=item)
        client.get("/api/v1/lots/")
        with CaptureQueriesContext(connection) as taken:
            rows = client.get("/api/v1/lots/", {"search": "Cage of the list"}).json()["results"]
        assert all(row["udi_di"] for row in rows)
        counts.append(len(taken))
    assert counts[0] == counts[1]


def test_a_scanned_identifier_leads_to_its_device(
    ada: User, item: Item, identifier: DeviceIdentifier
) -> None:
    answer = browser(ada).get("/scan/", {"q": f"(01){identifier.di}(10)X"}, follow=True)
    assert item.code in answer.content.decode()


@pytest.mark.urs("UDI-04")
def test_the_page_of_a_sheet_lists_what_is_missing_and_what_is_no_law(
    ada: User, sheet: DataSheet
) -> None:
    shown = page(ada, f"/data-sheets/{sheet.pk}/")
    assert "Missing or wrong" in shown
    assert "Labeler" in shown
    assert "to be confirmed with the authority" in shown
    assert "21 CFR 830.310" in shown


def test_only_the_questions_of_its_registry_are_offered(ada: User, sheet: DataSheet) -> None:
    shown = page(ada, f"/data-sheets/{sheet.pk}/")
    assert "answer_gudid" in shown
    assert "answer_eudamed" not in shown
    assert "answer_nmpa" not in shown


@pytest.mark.urs("UDI-04")
def test_a_person_answers_in_the_dialog_and_finds_the_answers_again(
    ben: User, sheet: DataSheet
) -> None:
    client, address = browser(ben), f"/do/traceability.answer_gudid/{sheet.pk}/"
    form = {
        "brandName": "CervaLink",
        "deviceCount": "2",
        "rx": "true",
        "otc": "",
        "gmdnTerms[0]term": "Prosthesis, partial, one",
        "gmdnTerms[1]term": "",
        "deviceSizes[0]type": "Length",
        "deviceSizes[0]value": "79",
        "version": str(sheet.row_version),
    }
    assert client.post(address, form).status_code == 302
    sheet.refresh_from_db()
    assert sheet.answers == {
        "brandName": "CervaLink",
        "deviceCount": 2,
        "rx": "true",
        "gmdnTerms": [{"term": "Prosthesis, partial, one"}],
        "deviceSizes": [{"type": "Length", "value": "79"}],
    }
    again = client.get(address).content.decode()
    assert 'value="CervaLink"' in again
    assert 'value="Prosthesis, partial, one"' in again
    assert '<option value="true" selected>' in again


def test_a_sheet_that_lacks_something_is_not_declared_ready_by_api(
    ada: User, sheet: DataSheet
) -> None:
    body = {"signature": {"username": "ada", "password": PASSWORD}}
    answer = browser(ada).post(
        f"/api/v1/data-sheets/{sheet.pk}/declare-ready/", json.dumps(body), "application/json"
    )
    assert answer.status_code == 409
    assert "data_sheet.brandName" in {b["code"] for b in answer.json()["blockers"]}


@pytest.mark.urs("UDI-04")
@pytest.mark.parametrize(
    "address", ["/data-sheets/{}/export.{}", "/api/v1/data-sheets/{}/export/{}/"]
)
def test_a_sheet_is_exported_in_three_forms_and_that_is_written_down(
    ada: User, sheet: DataSheet, address: str
) -> None:
    client = browser(ada)
    files: dict[str, Any] = {
        form: client.get(address.format(sheet.pk, form)) for form in ("json", "csv", "xlsx")
    }
    assert {answer.status_code for answer in files.values()} == {200}
    assert json.loads(files["json"].content)["companyName"] == "Nordhelm"
    assert b"companyName" in files["csv"].content
    rows = openpyxl.load_workbook(io.BytesIO(files["xlsx"].content)).active
    assert rows is not None
    assert "companyName" in {row[0] for row in rows.iter_rows(values_only=True)}
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.EXPORTED).count() == 3
    name = f'GUDID-{sheet.identifier.di}-v1.json"'
    assert name in files["json"]["Content-Disposition"]


@pytest.mark.parametrize("address", ["/data-sheets/{}/export.xml", "/data-sheets/0/export.json"])
def test_what_is_not_there_is_not_exported(ada: User, sheet: DataSheet, address: str) -> None:
    assert browser(ada).get(address.format(sheet.pk)).status_code == 404


def test_a_token_that_may_not_read_exports_nothing(ada: User, sheet: DataSheet) -> None:
    text = token_text(ada, ada, "traceability.register_identifier")
    client = Client(headers={"Authorization": f"Bearer {text}"})
    answer = client.get(f"/api/v1/data-sheets/{sheet.pk}/export/json/")
    assert answer.status_code == 403


def test_nobody_exports_without_signing_in(sheet: DataSheet) -> None:
    assert Client().get(f"/data-sheets/{sheet.pk}/export.json").status_code == 302
    assert Client().get(f"/api/v1/data-sheets/{sheet.pk}/export/json/").status_code == 401


def test_pages_stand_in_chinese(ada: User, ben: User, item: Item, sheet: DataSheet) -> None:
    client = in_chinese(ada)
    shown = client.get(f"/data-sheets/{sheet.pk}/")
    assert "待与主管部门确认" in shown.content.decode()
    draft(ben, item, di=gtin(), level="case")
    identifiers = client.get("/device-identifiers/")
    assert "外箱" in identifiers.content.decode()
