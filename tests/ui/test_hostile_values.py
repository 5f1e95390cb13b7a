"""Values no field looks at: every door refuses them in words, and nothing is an internal error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.exceptions import ValidationError

from erp.accounts.models import SecurityEvent, Site, User
from erp.inventory.models import Hold
from erp.operations.inputs import QuantityField
from tests.conftest import PASSWORD, make_person
from tests.traceability.builders import make_lots
from tests.ui.conftest import As
from traceability.epcis.errors import BadSubscription
from traceability.epcis.names import read
from traceability.epcis.webhook import check
from traceability.models import Lot

pytestmark = pytest.mark.django_db

HALF = "\ud800"


@pytest.fixture
def lot(ada: User, site: Site) -> Lot:
    """Return a lot."""
    return make_lots(ada, site, 1)[0]


def held(lot: Lot, **more: Any) -> tuple[str, str]:
    """Return address and body that put a hold on a lot."""
    body = {"cause": "quality", "reason": "dent", **more}
    return f"/api/v1/lots/{lot.pk}/hold/", json.dumps(body)


@pytest.mark.parametrize(
    "more",
    [
        {"reason": HALF},
        {"reason": "\x00"},
        {"cause": HALF},
        {"note": [{"deep": HALF}]},
        {HALF: 1},
        {"happened_at": "0001-01-01T00:00:00+14:00"},
        {"happened_at": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_what_cannot_be_kept_is_refused_by_the_api(
    more: dict[str, Any], lot: Lot, ada: User, signed_in: As
) -> None:
    address, body = held(lot, **more)
    answer = signed_in(ada).post(address, body, content_type="application/json")
    assert answer.status_code in {400, 422}, answer.content
    assert answer.json()["code"] in {"core.malformed_body", "core.invalid_input"}
    assert not Hold.objects.exists()


@pytest.mark.parametrize("name", ["ctx", "self", "args", "kwargs"])
def test_a_field_with_the_name_of_a_parameter_is_a_field(
    name: str, lot: Lot, ada: User, signed_in: As
) -> None:
    address, body = held(lot, **{name: 1})
    answer = signed_in(ada).post(address, body, content_type="application/json")
    assert answer.status_code < 500, answer.content


def test_a_version_of_any_length_is_no_error(lot: Lot, ada: User, signed_in: As) -> None:
    address, body = held(lot)
    answer = signed_in(ada).post(
        address, body, content_type="application/json", headers={"If-Match": "9" * 5000}
    )
    assert answer.status_code < 500, answer.content


def test_a_dialog_refuses_a_reason_that_cannot_be_kept(lot: Lot, ada: User, signed_in: As) -> None:
    answer = signed_in(ada).post(
        f"/do/inventory.hold_lot/{lot.pk}/", {"cause": "quality", "reason": "a\x00b"}
    )
    assert answer.status_code == 422
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "/lots/?search=%00",
        "/api/v1/lots/?search=%00",
        "/api/v1/lots/?limit=" + "9" * 5000,
        "/lots/?after=WyJcdTAwMDAiLDFd&sort=number",
        "/scan/?q=%00",
        "/epcis/events?perPage=" + "9" * 5000,
        "/epcis/events/%00",
        "/epcis/epcs/%00/events",
        "/epcis/queries/%00",
        "/lots/%00/",
        "/accounts/password/reset/",
        "/accounts/email/",
        *(
            f"/{door}?start=lot:1&{name}={when}"
            for door in ("trace/", "trace/graph.json", "api/v1/trace/", "trace/compare/")
            for name in ("since", "until", "as_known", "known")
            for when in ("9999-12-31", "0001-01-01T00:00:00%2B14:00")
        ),
    ],
)
def test_no_address_is_an_internal_error(address: str, ada: User, signed_in: As) -> None:
    assert signed_in(ada).get(address).status_code < 500


@pytest.mark.parametrize("way", ["signup", "email", "password/reset", "password/set"])
def test_accounts_change_by_operations_alone(way: str, ada: User, signed_in: As) -> None:
    """The library's own pages would write beside the door."""
    for client in (signed_in(ada), Client()):
        assert client.get(f"/accounts/{way}/").status_code == 404
        assert client.post(f"/accounts/{way}/", {"email": "x@example.com"}).status_code == 404


def test_a_version_of_the_standard_may_be_any_text(ada: User, signed_in: As) -> None:
    answer = signed_in(ada).get("/epcis/events", headers={"GS1-EPCIS-Version": "9" * 5000})
    assert answer.status_code < 500


def test_an_event_nested_without_end_or_about_nothing_nameable_is_answered(
    ada: User, site: Site, signed_in: As
) -> None:
    event = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "eventTime": "2026-07-01T12:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "epcList": ["https://id.gs1.org/01/09521234200024/21/a%00b"],
        "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    }
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    client = signed_in(ada)
    for body in (event, {**event, "ilmd": {"x": deep}, "bizTransactionList": deep}):
        answer = client.post("/epcis/events", json.dumps(body), content_type="application/json")
        assert answer.status_code < 500, answer.content


@pytest.mark.parametrize("name", ["ad\u0131", "AD\u0130", "\u017fam"])
def test_a_look_alike_of_a_user_name_signs_nobody_in(name: str, site: Site) -> None:
    for username in ("adi", "sam"):
        make_person(username, site=site)
    answer = Client().post("/accounts/login/", {"login": name, "password": PASSWORD})
    assert answer.status_code == 200, "the form comes again"


def test_a_key_stands_for_all_of_a_call(lot: Lot, ada: User, signed_in: As) -> None:
    client, key = signed_in(ada), {"Idempotency-Key": "k"}

    def put(**more: Any) -> int:
        address, body = held(lot, **more)
        return client.post(address, body, content_type="application/json", headers=key).status_code

    assert put() < 300
    assert put() < 300, "said again it is answered again"
    assert put(reason="another") == 422, "another reason is another call"
    assert Hold.objects.count() == 1
    long = {"Idempotency-Key": "k" * 201}
    address, body = held(lot)
    answer = client.post(address, body, content_type="application/json", headers=long)
    assert answer.status_code == 422


@pytest.mark.parametrize("accept", ["text/csv", "application/xml", "image/png"])
def test_an_answer_has_the_form_of_its_address(
    accept: str, lot: Lot, ada: User, signed_in: As
) -> None:
    client = signed_in(ada)
    for address in ("/api/v1/lots/", f"/api/v1/trace/export.csv?start=lot:{lot.pk}"):
        assert client.get(address, headers={"Accept": accept}).status_code == 200


def test_a_document_is_attached_by_a_form_over_rest(
    lot: Lot, ada: User, signed_in: As, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("c.txt", b"certificate", content_type="text/plain")
    answer = signed_in(ada).post(
        f"/api/v1/lots/{lot.pk}/attach/",
        {"file": file, "title": "Certificate", "kind": "other", "reason": "came later"},
    )
    assert answer.status_code < 300, answer.content


@pytest.mark.parametrize("quantity", ["1_0", "\uff11"])
def test_a_quantity_is_written_as_people_write_one(quantity: str) -> None:
    assert QuantityField().to_internal_value("10") == 10
    with pytest.raises(ValidationError):
        QuantityField().to_internal_value(quantity)


@pytest.mark.parametrize(
    "host", ["::ffff:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"]
)
def test_an_address_within_an_address_is_looked_at(host: str) -> None:
    with pytest.raises(BadSubscription):
        check(f"http://[{host}]/")


@pytest.mark.parametrize("serial", ["A%E2%80%8B", "A%20", "%E2%80%AEA", "A%0D%0AB"])
def test_a_unit_is_not_called_what_nobody_can_tell_apart(serial: str) -> None:
    assert read(f"https://id.gs1.org/01/09521234200024/21/{serial}") is None
    assert read("https://id.gs1.org/01/09521234200024/21/A-1") is not None


def test_a_list_too_long_is_refused_before_anything_is_looked_up(
    lot: Lot, ada: User, signed_in: As, django_assert_max_num_queries: Any
) -> None:
    names = [f"N{n}" for n in range(10_001)]
    body = {"lots": names, "cause": "quality", "reason": "dent"}
    with django_assert_max_num_queries(30):
        answer = signed_in(ada).post("/api/v1/holds/place/", body, content_type="application/json")
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["reason"] == "10000 lines are the most here; 10001 were given."


def test_a_refusal_of_many_lines_is_logged_by_the_names_of_its_fields(
    ada: User, signed_in: As
) -> None:
    body = {"lots": [f"N{n}" for n in range(50)], "cause": "quality", "reason": "dent"}
    answer = signed_in(ada).post("/api/v1/holds/place/", body, content_type="application/json")
    assert len(answer.json()["faults"]) == 50
    event = SecurityEvent.objects.filter(operation="inventory.place_hold").latest("pk")
    assert event.detail["faults"] == ["lots"]


@pytest.mark.parametrize("told", [0, False, [], {}, ""])
def test_what_is_no_time_is_not_taken_for_now(
    told: Any, lot: Lot, ada: User, signed_in: As
) -> None:
    address, body = held(lot, happened_at=told)
    answer = signed_in(ada).post(address, body, content_type="application/json")
    assert answer.status_code == (201 if told == "" else 422), answer.content


def test_no_page_is_kept_by_a_browser(lot: Lot, ada: User, signed_in: As) -> None:
    for address in ("/", f"/lots/{lot.pk}/", "/api/v1/lots/", "/lots/export.csv"):
        answer = signed_in(ada).get(address)
        assert answer["Cache-Control"] == "private, no-store", address
