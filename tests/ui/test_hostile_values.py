"""Values no field looks at: every door refuses them in words, and nothing is an internal error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from erp.accounts.models import Site, User
from erp.inventory.models import Hold
from tests.traceability.builders import make_lots
from tests.ui.conftest import As
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
