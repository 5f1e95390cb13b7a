"""From a scanned code to its record, for those who may see it, and what is said where none is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from django.test import Client
from django.utils import translation

from audit.models import Attachment
from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.actor import Actor
from erp.masterdata.models import Item
from erp.operations import REGISTRY
from erp.organisation.permissions import READ_PEOPLE
from erp.ui.scan import Hit, Reading, resolve
from tests.conftest import ctx_for, make_person
from tests.masterdata.builders import make_item, place
from tests.traceability.builders import make_lots
from tests.traceability.devices import active, draft, identified, make_device
from traceability.models import Lot
from traceability.scan import by_element, items_by_di
from traceability.udi import Issuer
from traceability.udi.check_digits import mod43

GTIN = "09520123456788"
HIBC = "A123BJC5D6E71"


def scanned(user: User, text: str) -> Reading:
    """Return what a code leads this person to."""
    return resolve(ctx_for(user).actor, text)


def urls(user: User, text: str) -> list[str]:
    """Return where a code leads."""
    return [hit.url for hit in scanned(user, text).hits]


@pytest.fixture
def item(ada: User, ben: User) -> Item:
    item = make_device(code="PX-200")
    active(ben, ada, item, di=GTIN)
    return item


@pytest.fixture
def lot(ben: User, site: Site, item: Item) -> Lot:
    return make_lots(ben, site, 1, item=item, expires_on=dt.date(2028, 10, 31))[0]


@pytest.fixture
def unit(ben: User, site: Site, lot: Lot) -> Lot:
    return make_lots(ben, site, 1, item=lot.item, kind="serial", batch=lot)[0]


@pytest.mark.urs("UDI-05")
@pytest.mark.parametrize(
    "form",
    [
        "(01){di}(10){lot}(21){unit}",
        "]d201{di}10{lot}\x1d21{unit}",
        "01{di}10{lot}^21{unit}",
        "https://id.example.com/01/{di}/10/{lot}/21/{unit}",
    ],
)
def test_a_serial_number_leads_to_its_unit(ben: User, lot: Lot, unit: Lot, form: str) -> None:
    text = form.format(di=GTIN, lot=lot.number, unit=unit.number)
    assert urls(ben, text) == [f"/lots/{unit.pk}/"]
    assert scanned(ben, text).doubts == []


@pytest.mark.urs("UDI-05")
def test_a_lot_number_leads_to_its_lot_and_the_device_alone_to_its_item(
    ben: User, item: Item, lot: Lot
) -> None:
    assert urls(ben, f"(01){GTIN}(10){lot.number}") == [f"/lots/{lot.pk}/"]
    assert urls(ben, GTIN) == [f"/items/{item.pk}/"]


def test_the_number_of_a_supplier_leads_to_our_lot(ben: User, site: Site, item: Item) -> None:
    (lot,) = make_lots(ben, site, 1, item=item, supplier_lot="MX-88231")
    assert urls(ben, f"(01){GTIN}(10)MX-88231") == [f"/lots/{lot.pk}/"]


@pytest.mark.urs("UDI-05")
def test_an_hibc_code_leads_to_its_lot(ben: User, site: Site) -> None:
    item = make_device()
    draft(ben, item, issuer="HIBCC", di=HIBC)
    (lot,) = make_lots(ben, site, 1, item=item, kind="lot")
    body = f"+{HIBC}/$$7{lot.number}"
    assert urls(ben, body + mod43(body)) == [f"/lots/{lot.pk}/"]


@pytest.mark.parametrize("stored", ["9520123456788", GTIN])
def test_a_gtin_is_found_with_or_without_its_leading_zeros(ben: User, stored: str) -> None:
    item = make_device()
    draft(ben, item, di=stored)
    assert list(items_by_di(Issuer.GS1, GTIN)) == [item]


@pytest.mark.parametrize("stored", [HIBC, f"+{HIBC}{mod43(f'+{HIBC}')}"])
def test_an_hibc_identifier_is_found_with_or_without_flag_and_check(ben: User, stored: str) -> None:
    item = make_device()
    draft(ben, item, issuer="HIBCC", di=stored)
    assert list(items_by_di(Issuer.HIBCC, HIBC)) == [item]


def test_another_sites_lot_is_not_found(dan: User, lot: Lot) -> None:
    answer = scanned(dan, f"(01){GTIN}(10){lot.number}")
    assert [hit.url for hit in answer.hits] == [f"/items/{lot.item_id}/"]
    assert "not to you" in str(answer.doubts[0])


def test_a_unit_of_another_lot_is_not_taken_for_this_one(ben: User, unit: Lot) -> None:
    assert urls(ben, f"(01){GTIN}(10)ELSE(21){unit.number}") == [f"/items/{unit.item_id}/"]


def test_a_label_that_contradicts_the_record_is_shown_and_not_opened(ben: User, lot: Lot) -> None:
    answer = scanned(ben, f"(01){GTIN}(17)291031(10){lot.number}")
    assert [hit.label for hit in answer.hits] == [lot.number]
    assert "2029-10-31" in str(answer.doubts[0])
    assert scanned(ben, f"(01){GTIN}(17)281000(10){lot.number}").doubts == []


@pytest.mark.urs("UDI-05")
def test_a_site_is_found_by_its_gln_and_a_location_by_its_code(ben: User, site: Site) -> None:
    site.gln = "9520123456788"
    site.save(update_fields=["gln"])
    assert urls(ben, "(414)9520123456788") == [f"/sites/{site.pk}/"]
    location = place(site, "storage")
    assert urls(ben, location.code) == [f"/locations/{location.pk}/"]


@pytest.mark.urs("UDI-05")
def test_a_badge_leads_to_its_person_for_those_who_see_people(site: Site, ben: User) -> None:
    hanna = make_person("hanna", may=[READ_PEOPLE])
    assert urls(hanna, "P-BEN") == [f"/people/{ben.pk}/"]
    assert urls(ben, "P-hanna") == []


@pytest.mark.urs("UDI-05")
def test_a_document_leads_to_the_records_it_is_attached_to(ben: User, dan: User, lot: Lot) -> None:
    digest = "ab" * 32
    Attachment.objects.create(
        subject_model="traceability.lot",
        subject_pk=str(lot.pk),
        kind="certificate",
        title="Certificate 3.1",
        filename="c.pdf",
        media_type="application/pdf",
        size=1,
        sha256=digest,
        attached_by=ben,
        attached_at=clock.now(),
    )
    assert urls(ben, f"sha256:{digest.upper()}") == [f"/lots/{lot.pk}/"]
    assert urls(dan, digest) == []


def test_plain_text_out_of_a_barcode_is_looked_up_as_it_is(ben: User, lot: Lot) -> None:
    assert urls(ben, f"]C0{lot.number}") == [f"/lots/{lot.pk}/"]


def test_our_own_number_wins_over_what_it_looks_like(ben: User, site: Site) -> None:
    (lot,) = make_lots(ben, site, 1)
    own = make_lots(ben, site, 1, item=make_item("12345678"))[0].item
    answer = scanned(ben, "12345678")
    assert [hit.url for hit in answer.hits] == [f"/items/{own.pk}/"]
    assert answer.doubts == []
    assert lot.pk


def test_a_pallet_says_what_it_is_until_somebody_knows_it(
    ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "(00)123456789012345675"
    assert "SSCC" in str(scanned(ben, text).doubts[0])
    monkeypatch.setattr("traceability.scan._by_element", {})
    asked: list[str] = []

    @by_element("00")
    def ask(_actor: Actor, value: str) -> Sequence[Hit]:
        asked.append(value)
        return ()

    scanned(ben, text)
    assert asked == ["123456789012345675"]


def test_a_wrong_check_digit_is_shown_with_what_it_may_mean(ben: User, site: Site) -> None:
    item = make_device()
    identified(item, "09520123456789")
    (lot,) = make_lots(ben, site, 1, item=item)
    answer = scanned(ben, f"(01)09520123456789(10){lot.number}")
    assert [hit.label for hit in answer.hits] == [lot.number]
    assert "Position 18" in str(answer.doubts[0])


class TestPage:
    """The page a scan ends on, where it does not end on a record."""

    @pytest.fixture
    def web(self, ben: User) -> Client:
        client = Client()
        client.force_login(ben)
        return client

    def test_an_unknown_device_is_explained_and_can_be_registered(self, web: Client) -> None:
        answer = web.get("/scan/", {"q": f"(01){GTIN}(10)X1"})
        page = answer.content.decode()
        assert answer.status_code == 404
        assert "No item here has this device identifier." in page
        assert f"/do/traceability.register_identifier/?di={GTIN}" in page
        assert "/lots/?search=X1" in page

    def test_who_may_not_register_is_not_offered_it(self, cleo: User) -> None:
        client = Client()
        client.force_login(cleo)
        page = client.get("/scan/", {"q": f"(01){GTIN}(10)X1"}).content.decode()
        assert "register_item" not in page

    def test_goods_that_are_not_in_yet_can_be_received(self, web: Client, item: Item) -> None:
        page = web.get("/scan/", {"q": f"(01){GTIN}(10)NEW-1"}).content.decode()
        assert "/purchase-orders/?search=PX-200" in page
        assert f"/items/{item.pk}/" in page

    def test_a_bad_code_says_where_and_why(self, web: Client) -> None:
        page = web.get("/scan/", {"q": "(01)09520123456788(17)281331"}).content.decode()
        assert "Position 25: there is no such month." in page

    def test_the_separator_is_shown_where_it_stood(self, web: Client) -> None:
        page = web.get("/scan/", {"q": f"01{GTIN}10X\x1d21Y"}).content.decode()
        assert f"01{GTIN}10X\u241d21Y" in page

    def test_the_station_shows_the_last_scans(self, web: Client, lot: Lot) -> None:
        web.get("/scan/", {"q": f"(01){GTIN}(10){lot.number}"})
        web.get("/scan/", {"q": "no-such-thing"})
        page = web.get("/scan/").content.decode()
        assert page.index("no-such-thing") < page.index(f'href="/lots/{lot.pk}/"')
        assert 'data-last-tone="bad"' in page

    def test_only_this_page_may_compile_the_cameras_reader(self, web: Client) -> None:
        allowed = "'wasm-unsafe-eval'"
        assert allowed in web.get("/scan/")["Content-Security-Policy"]
        assert allowed not in web.get("/")["Content-Security-Policy"]


def test_a_code_costs_the_same_number_of_queries_whatever_it_finds(
    ben: User, lot: Lot, unit: Lot, django_assert_max_num_queries: object
) -> None:
    assert len(REGISTRY)
    actor = ctx_for(ben).actor
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        resolve(actor, f"(01){GTIN}(10){lot.number}(21){unit.number}")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The check digit of AI 01 is wrong. Expected: 8."),
        ("zh-hans", "AI 01 的校验码错误。应为：8。"),
    ],
)
def test_the_note_on_a_doubtful_code_says_what_was_expected(
    ben: User, item: Item, language: str, said: str
) -> None:
    with translation.override(language):
        notes = [str(fact.value) for fact in scanned(ben, f"(01){GTIN[:-1]}4").facts]
    assert said in notes
