"""Data sheets: what is missing is listed, the declaration is signed, what was sent stays."""

from __future__ import annotations

from typing import Any

import pytest

from erp.accounts.models import User
from erp.core.errors import Blocked, IllegalStep, InvalidInput, SamePerson
from erp.masterdata.models import Item, MarketAuthorisation
from tests.conftest import ctx_for, signed
from tests.traceability.devices import active, draft, make_device
from traceability.datasheets import operations as ops
from traceability.datasheets.content import Content
from traceability.datasheets.errors import SheetExists, WrongRegistry
from traceability.datasheets.export import as_csv, as_json, as_table
from traceability.datasheets.facts import with_facts
from traceability.datasheets.models import DataSheet, Registry
from traceability.datasheets.registries import FIELDS
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.operations import withdraw_identifier

GUDID_ANSWERS: dict[str, Any] = {
    "brandName": "CervaLink",
    "labelerContact": "1-800-555-0100",
    "deviceCount": 1,
    "premarketExempt": "true",
    "listingNumber": "D000000",
    "manufacturingDate": "true",
    "expirationDate": "true",
    "labeledContainsNRL": "false",
    "MRISafetyStatus": "MR Safe",
    "gmdnTerms": [{"term": "Spinal fusion cage, intervertebral"}],
    "sterilizationPriorToUse": "false",
}


@pytest.fixture
def item(db: None) -> Item:
    """Return a device."""
    return make_device()


@pytest.fixture
def identifier(ben: User, ada: User, item: Item) -> DeviceIdentifier:
    """Return its active identifier."""
    return active(ben, ada, item)


@pytest.fixture
def sheet(ben: User, identifier: DeviceIdentifier) -> DataSheet:
    """Return an empty GUDID sheet of it."""
    return begin(ben, identifier, "GUDID")


def begin(user: User, identifier: DeviceIdentifier, registry: str) -> DataSheet:
    """Begin a sheet."""
    return ops.start_data_sheet(ctx_for(user), identifier_id=identifier.pk, registry=registry)


def content(sheet: DataSheet) -> Content:
    """Return the content of a sheet as a page reads it."""
    return Content(with_facts(DataSheet.objects.filter(pk=sheet.pk)).get())


def missing(sheet: DataSheet) -> set[str]:
    """Return the codes of what is missing or wrong."""
    return {entry.field.code for entry in content(sheet).problems}


def declared(ben: User, ada: User, sheet: DataSheet) -> DataSheet:
    """Answer a GUDID sheet completely and declare it ready."""
    ops.answer_gudid(ctx_for(ben), sheet_id=sheet.pk, **GUDID_ANSWERS)
    return ops.declare_data_sheet_ready(signed(ada), sheet_id=sheet.pk)


@pytest.mark.parametrize("registry", Registry.values)
def test_every_field_has_one_code_and_one_place(registry: str) -> None:
    fields = FIELDS[registry]
    assert len({f.code for f in fields}) == len(fields)
    assert len({f.path or f.code for f in fields}) == len(fields)
    assert all(f.asked or f.source for f in fields)


def test_no_field_of_the_chinese_database_is_called_law() -> None:
    assert not any(f.confirmed for f in FIELDS["NMPA"])


@pytest.mark.urs("UDI-04")
def test_what_the_records_know_is_filled_in(sheet: DataSheet, item: Item) -> None:
    values = content(sheet).values
    assert values["versionModelNumber"] == item.catalogue
    assert values["companyName"] == "Nordhelm"
    assert (values["lotBatch"], values["serialNumber"]) == ("true", "true")
    assert values["deviceCommDistributionStatus"] == "In Commercial Distribution"


@pytest.mark.urs("UDI-04")
def test_everything_missing_is_listed_at_once(ada: User, sheet: DataSheet) -> None:
    wanted = set(GUDID_ANSWERS) - {"expirationDate"}
    assert missing(sheet) >= wanted
    with pytest.raises(Blocked) as refusal:
        ops.declare_data_sheet_ready(signed(ada), sheet_id=sheet.pk)
    named = {b.code.removeprefix("data_sheet.") for b in refusal.value.blockers}
    assert named == missing(sheet)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.content) == ("draft", None)


@pytest.mark.urs("UDI-04")
def test_a_complete_sheet_is_declared_ready_by_another_person(
    ben: User, ada: User, sheet: DataSheet
) -> None:
    ops.answer_gudid(ctx_for(ben), sheet_id=sheet.pk, **GUDID_ANSWERS)
    assert missing(sheet) == set()
    assert content(sheet).complete_percent == 100
    with pytest.raises(SamePerson):
        ops.declare_data_sheet_ready(signed(ben), sheet_id=sheet.pk)
    ready = ops.declare_data_sheet_ready(signed(ada), sheet_id=sheet.pk)
    assert ready.state == "ready"
    assert ready.content is not None
    assert ready.content["brandName"] == "CervaLink"


def test_a_question_appears_with_the_answer_that_makes_it_matter(
    ben: User, sheet: DataSheet, item: Item
) -> None:
    answers = {**GUDID_ANSWERS, "premarketExempt": "false"}
    ops.answer_gudid(ctx_for(ben), sheet_id=sheet.pk, **answers)
    assert missing(sheet) == {"premarketNumbers"}
    MarketAuthorisation.objects.create(
        item=item, country="US", kind="510(k)", number="K999001", valid_from="2026-01-01"
    )
    assert missing(sheet) == set()
    assert content(sheet).values["premarketNumbers"] == "K999001"


def test_the_records_go_before_an_answer(ben: User, sheet: DataSheet, item: Item) -> None:
    ops.answer_gudid(
        ctx_for(ben), sheet_id=sheet.pk, **{**GUDID_ANSWERS, "expirationDate": "false"}
    )
    assert content(sheet).values["expirationDate"] == "false"
    Item.objects.filter(pk=item.pk).update(shelf_life_days=365)
    assert content(sheet).values["expirationDate"] == "true"


def test_what_is_left_out_is_not_answered_any_more(ben: User, sheet: DataSheet) -> None:
    ops.answer_gudid(ctx_for(ben), sheet_id=sheet.pk, **GUDID_ANSWERS)
    ops.answer_gudid(ctx_for(ben), sheet_id=sheet.pk, brandName="Other")
    assert DataSheet.objects.get(pk=sheet.pk).answers == {"brandName": "Other"}


def test_answers_of_a_wrong_shape_are_refused_by_field(ben: User, sheet: DataSheet) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ops.answer_gudid(
            ctx_for(ben), sheet_id=sheet.pk, deviceCount=0, rx="maybe", devicePublishDate="soon"
        )
    assert {f.name for f in refusal.value.faults} == {"deviceCount", "rx", "devicePublishDate"}


def test_the_questions_of_another_registry_are_refused(ben: User, sheet: DataSheet) -> None:
    with pytest.raises(WrongRegistry):
        ops.answer_nmpa(ctx_for(ben), sheet_id=sheet.pk)


def test_an_identifier_has_one_sheet_in_force_per_registry(
    ben: User, sheet: DataSheet, identifier: DeviceIdentifier
) -> None:
    with pytest.raises(SheetExists):
        begin(ben, identifier, "GUDID")
    begin(ben, identifier, "EUDAMED")


def test_only_the_base_package_has_a_sheet(
    ben: User, item: Item, identifier: DeviceIdentifier
) -> None:
    box = draft(ben, item, level="inner", contains_id=identifier.pk, contained_quantity=5)
    with pytest.raises(Blocked):
        begin(ben, box, "GUDID")


@pytest.mark.urs("UDI-04")
def test_what_was_declared_ready_stays_whatever_the_records_say_later(
    ben: User, ada: User, sheet: DataSheet, item: Item
) -> None:
    declared(ben, ada, sheet)
    Item.objects.filter(pk=item.pk).update(catalogue="M-2")
    now = content(sheet)
    assert now.values["versionModelNumber"] == "M-1"
    assert now.changed_since
    with pytest.raises(IllegalStep):
        ops.answer_gudid(ctx_for(ben), sheet_id=sheet.pk, **GUDID_ANSWERS)


def test_a_revision_begins_with_the_same_answers_and_ends_the_one_before(
    ben: User, ada: User, sheet: DataSheet
) -> None:
    declared(ben, ada, sheet)
    sent = ops.record_data_sheet_submission(ctx_for(ben), sheet_id=sheet.pk, reference="R-1")
    assert (sent.state, sent.reference) == ("submitted", "R-1")
    further = ops.revise_data_sheet(ctx_for(ben), sheet_id=sheet.pk)
    assert (further.version, further.state) == (2, "draft")
    assert further.answers["brandName"] == "CervaLink"
    sheet.refresh_from_db()
    assert sheet.state == "superseded"
    with pytest.raises(IllegalStep):
        ops.revise_data_sheet(ctx_for(ben), sheet_id=sheet.pk)


def test_a_draft_is_not_submitted(ben: User, sheet: DataSheet) -> None:
    with pytest.raises(IllegalStep):
        ops.record_data_sheet_submission(ctx_for(ben), sheet_id=sheet.pk)


def test_a_draft_identifier_is_not_on_the_market_so_its_sheet_is_not_ready(
    ben: User, item: Item
) -> None:
    assert "deviceCommDistributionStatus" in missing(begin(ben, draft(ben, item), "GUDID"))


def test_the_end_of_sale_is_told(ben: User, sheet: DataSheet, identifier: DeviceIdentifier) -> None:
    withdraw_identifier(ctx_for(ben, reason="end of sale"), identifier_id=identifier.pk)
    told = as_json(content(sheet).sheet)
    assert told["deviceCommDistributionStatus"] == "Not in Commercial Distribution"
    assert told["deviceCommDistributionEndDate"]


def test_packages_parts_and_secondary_identifiers_stand_in_the_sheet(
    ben: User, item: Item, sheet: DataSheet, identifier: DeviceIdentifier
) -> None:
    box = draft(ben, item, level="inner", contains_id=identifier.pk, contained_quantity=5)
    case = draft(ben, item, level="case", contains_id=box.pk, contained_quantity=8)
    use = draft(ben, item, level="unit_of_use", belongs_to_id=identifier.pk)
    draft(ben, item, issuer="HIBCC", di="A123BJC5D6E71", primary=False)
    told = {row["deviceId"]: row for row in as_json(content(sheet).sheet)["identifiers"]}
    kinds = {di: row["deviceIdType"] for di, row in told.items()}
    assert kinds == {
        identifier.di: "Primary",
        "A123BJC5D6E71": "Secondary",
        use.di: "Unit of Use",
        box.di: "Package",
        case.di: "Package",
    }
    assert (told[case.di]["containsDINumber"], told[case.di]["pkgQuantity"]) == (box.di, "8")


def test_china_takes_no_hibc_number(ben: User, ada: User, item: Item) -> None:
    hibc = active(ben, ada, item, issuer="HIBCC", di="A123BJC5D6E71")
    assert "issuingSystem" in missing(begin(ben, hibc, "NMPA"))


def test_an_american_class_is_no_european_one(ben: User, ada: User) -> None:
    item = make_device(risk_class="II")
    sheet = begin(ben, active(ben, ada, item), "EUDAMED")
    problems = {e.field.code: str(e.problem) for e in content(sheet).problems}
    assert "not one of" in problems["riskClass"]


@pytest.mark.urs("UDI-04")
def test_the_table_says_of_each_field_where_it_is_from_and_who_asks(sheet: DataSheet) -> None:
    rows = list(as_table(content(sheet).sheet))
    assert ["versionModelNumber", "Version or model number", "M-1", "records", "yes"] in [
        row[:5] for row in rows
    ]
    clauses = {row[0]: row[5] for row in rows[1:]}
    assert clauses["brandName"] == "21 CFR 830.310"
    assert clauses["catalogNumber"] == "to be confirmed with the authority"


def test_a_spreadsheet_runs_nothing_of_an_answer(ben: User, sheet: DataSheet) -> None:
    ops.answer_gudid(ctx_for(ben), sheet_id=sheet.pk, brandName='=HYPERLINK("x")')
    assert "'=HYPERLINK" in as_csv(content(sheet).sheet)


def test_many_sheets_are_read_in_three_queries_more(
    ben: User, ada: User, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        begin(ben, active(ben, ada, make_device()), "GUDID")
    with django_assert_num_queries(3):
        found = with_facts(DataSheet.objects.all())
        shares = [Content(sheet).complete_percent for sheet in found]
    assert len(shares) == 3
