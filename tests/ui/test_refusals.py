"""What bad input gets from the API: a typed refusal in one form, and no change in any table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from rest_framework.throttling import UserRateThrottle

from erp.accounts.models import SecurityEvent, Site, User
from erp.core import locking
from erp.core.errors import Busy
from erp.inventory.models import Hold
from erp.inventory.operations import hold_lot
from tests.conftest import PASSWORD, ctx_for
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import place
from tests.ui.conftest import As
from traceability.models import Lot

pytestmark = pytest.mark.django_db

MISSING = 987_654_321
LOGS = {"accounts_securityevent", "django_session"}
"""Where a refusal may leave a row."""


def counts() -> dict[str, int]:
    """Return the number of rows of every table that a refusal must not touch."""
    tables = {m._meta.db_table for m in apps.get_models(include_auto_created=True)} - LOGS
    union = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM \"{t}\"" for t in sorted(tables))  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(union)
        return dict(cursor.fetchall())


@pytest.fixture
def lot(ben: User, site: Site) -> Lot:
    """Return a released lot of 100 in store."""
    return lot_in_stock(ben, site)


@pytest.fixture
def api(ben: User, signed_in: As) -> Client:
    """Return Ben's connection to the API."""
    return signed_in(ben)


@pytest.fixture
def unchanged(lot: Lot, ada: User, ben: User, cleo: User, dan: User) -> Iterator[None]:
    """Count all rows of all tables before and after."""
    before = counts()
    yield
    assert counts() == before


def send(client: Client, url: str, body: Any = None, **headers: str) -> Any:
    """Post JSON, or raw bytes as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body or {})
    return client.post(f"/api/v1/{url}", raw, content_type="application/json", headers=headers)


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem document after checking its form."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = json.loads(answer.content)
    assert said["code"] == code
    assert said["status"] == status
    assert said["type"] == f"urn:proofline:refusal:{code}"
    assert said["title"]
    assert said["detail"]
    assert answer["X-Request-ID"] == said["request_id"]
    return said


def transfer(lot: Lot, site: Site, **more: Any) -> dict[str, Any]:
    """Return the body of a move of ten from store to line."""
    return {
        "from_location_id": place(site, "storage").pk,
        "to_location_id": place(site, "line").pk,
        "quantity": "10",
        **more,
    }


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe{}",
        b'{"cause": "\xe9"}',
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[]",
        b"5",
        b'"text"',
        b'{"cause": "a\\u0000b"}',
        b'{"a": ' + b"[" * 100_000,
    ],
    ids=["bom16", "latin1", "open", "nan", "infinity", "list", "number", "text", "nul", "deep"],
)
def test_a_body_that_cannot_be_read_is_400(
    api: Client, lot: Lot, unchanged: None, body: bytes
) -> None:
    refused(send(api, f"lots/{lot.pk}/hold/", body), 400, "core.malformed_body")


def test_a_body_of_ten_megabytes_is_413(api: Client, lot: Lot, unchanged: None) -> None:
    body = b'{"cause": "' + b"x" * (10 * 1024 * 1024) + b'"}'
    refused(send(api, f"lots/{lot.pk}/hold/", body), 413, "core.body_too_large")


def test_an_upload_over_the_limit_is_413(api: Client, lot: Lot, unchanged: None) -> None:
    answer = api.post(
        f"/api/v1/lots/{lot.pk}/hold/",
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(settings.MAX_UPLOAD_BYTES + 1),
    )
    refused(answer, 413, "core.body_too_large")


def test_a_length_that_is_no_number_is_400(api: Client, lot: Lot, unchanged: None) -> None:
    answer = api.post(
        f"/api/v1/lots/{lot.pk}/hold/", b"", content_type="application/json", CONTENT_LENGTH="ten"
    )
    refused(answer, 400, "core.malformed_body")


def test_nobody_is_401(lot: Lot, unchanged: None) -> None:
    answer = send(Client(), f"lots/{lot.pk}/hold/", {"cause": "quality"})
    refused(answer, 401, "core.not_signed_in")
    assert answer["WWW-Authenticate"] == "Bearer"
    refused(Client().get("/api/v1/lots/"), 401, "core.not_signed_in")


def test_a_made_up_token_is_401(lot: Lot, unchanged: None) -> None:
    answer = Client().get("/api/v1/lots/", headers={"Authorization": "Bearer nonsense"})
    refused(answer, 401, "core.not_signed_in")
    assert SecurityEvent.objects.filter(kind="token_refused").exists()


@pytest.mark.urs("SEC-01")
def test_a_person_without_the_right_is_403(
    cleo: User, lot: Lot, unchanged: None, signed_in: As
) -> None:
    answer = send(signed_in(cleo), f"lots/{lot.pk}/hold/", {"cause": "quality", "reason": "x"})
    refused(answer, 403, "core.not_permitted")
    assert SecurityEvent.objects.filter(
        kind="refused", user=cleo, operation="inventory.hold_lot"
    ).exists()


@pytest.mark.urs("SEC-01")
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_sites_record_is_404_like_one_that_does_not_exist(
    dan: User, lot: Lot, unchanged: None, signed_in: As, method: str
) -> None:
    client = signed_in(dan)
    for pk in (lot.pk, MISSING):
        answer = (
            client.get(f"/api/v1/lots/{pk}/")
            if method == "get"
            else send(client, f"lots/{pk}/hold/")
        )
        refused(answer, 404, "core.not_found")


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_record_is_called_blank_and_not_unknown(
    api: Client, lot: Lot, site: Site, unchanged: None, blank: str
) -> None:
    body = transfer(lot, site, to_location_id=blank)
    said = refused(send(api, f"lots/{lot.pk}/transfer/", body), 422, "core.invalid_input")
    assert [(f["field"], f["reason"]) for f in said["faults"]] == [
        ("to_location_id", "This field may not be blank.")
    ]


def test_an_unknown_address_is_404(api: Client, unchanged: None) -> None:
    assert api.get("/api/v1/no-such-thing/").status_code == 404
    assert api.get("/api/v1/lots/x/").status_code == 404


def test_a_method_that_does_not_exist_is_405(api: Client, lot: Lot, unchanged: None) -> None:
    refused(api.get(f"/api/v1/lots/{lot.pk}/hold/"), 405, "core.method_not_allowed")
    refused(api.delete(f"/api/v1/lots/{lot.pk}/"), 405, "core.method_not_allowed")


def test_a_content_type_that_is_not_read_is_415(api: Client, lot: Lot, unchanged: None) -> None:
    answer = api.post(f"/api/v1/lots/{lot.pk}/hold/", b"<a/>", content_type="application/xml")
    refused(answer, 415, "core.unsupported_media_type")


def test_more_than_there_is_is_409_with_the_lot_named(
    api: Client, lot: Lot, site: Site, unchanged: None
) -> None:
    said = refused(
        send(api, f"lots/{lot.pk}/transfer/", transfer(lot, site, quantity="101")),
        409,
        "inventory.not_enough_stock",
    )
    assert said["blockers"][0]["record"]["label"] == lot.number


@pytest.mark.parametrize(
    "quantity", ["-1", "0", "0.0000001", "ten", True, None, [], {"a": 1}, 1e400]
)
def test_a_quantity_that_is_none_is_422_at_its_field(
    api: Client, lot: Lot, site: Site, unchanged: None, quantity: Any
) -> None:
    if quantity == float("inf"):
        body = json.dumps(transfer(lot, site)).replace('"10"', "1e400").encode()
    else:
        body = json.dumps(transfer(lot, site, quantity=quantity)).encode()
    said = refused(send(api, f"lots/{lot.pk}/transfer/", body), 422, "core.invalid_input")
    assert [fault["field"] for fault in said["faults"]] == ["quantity"]


def test_another_sites_place_is_422_like_one_that_does_not_exist(
    api: Client, lot: Lot, site: Site, other_site: Site, unchanged: None
) -> None:
    for pk in (place(other_site, "line").pk, MISSING, "no-such-code", "", -1, 10**30):
        body = transfer(lot, site, to_location_id=pk)
        said = refused(send(api, f"lots/{lot.pk}/transfer/", body), 422, "core.invalid_input")
        assert [fault["field"] for fault in said["faults"]] == ["to_location_id"]


def test_a_missing_reason_is_422(api: Client, lot: Lot, unchanged: None) -> None:
    said = refused(
        send(api, f"lots/{lot.pk}/hold/", {"cause": "quality"}), 422, "core.invalid_input"
    )
    assert said["faults"][0]["field"] == "reason"


@pytest.fixture
def hold(ben: User, lot: Lot) -> Hold:
    """Return a hold that Ben placed."""
    return hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")


@pytest.mark.urs("AUD-03")
def test_a_missing_and_a_wrong_signature_are_401(ada: User, hold: Hold, signed_in: As) -> None:
    before, client, url = counts(), signed_in(ada), f"holds/{hold.pk}/release/"
    refused(send(client, url, {"reason": "x"}), 401, "accounts.signature_missing")
    wrong = {"reason": "x", "signature": {"username": "ada", "password": "wrong"}}
    refused(send(client, url, wrong), 401, "accounts.signature_refused")
    for nonsense in ("text", 5, ["ada", PASSWORD]):
        answer = send(client, url, {"reason": "x", "signature": nonsense})
        refused(answer, 401, "accounts.signature_missing")
    assert counts() == before


def test_the_person_who_placed_a_hold_is_403(ben: User, hold: Hold, api: Client) -> None:
    proof = {"username": "ben", "password": PASSWORD}
    answer = send(api, f"holds/{hold.pk}/release/", {"reason": "x", "signature": proof})
    refused(answer, 403, "core.same_person")


def test_a_stale_version_is_409(ada: User, hold: Hold, signed_in: As) -> None:
    client = signed_in(ada)
    seen = client.get(f"/api/v1/holds/{hold.pk}/")["ETag"]
    Hold.objects.filter(pk=hold.pk).update(reason="bigger dent")
    body = {"reason": "x", "signature": {"username": "ada", "password": PASSWORD}}
    url = f"holds/{hold.pk}/release/"
    refused(send(client, url, body, **{"If-Match": seen}), 409, "core.stale")
    fresh = client.get(f"/api/v1/holds/{hold.pk}/")["ETag"]
    assert send(client, url, body, **{"If-Match": fresh}).status_code == 200


def test_an_illegal_step_is_409(ada: User, hold: Hold, signed_in: As) -> None:
    body = {"reason": "x", "signature": {"username": "ada", "password": PASSWORD}}
    url = f"holds/{hold.pk}/release/"
    assert send(signed_in(ada), url, body).status_code == 200
    refused(send(signed_in(ada), url, body), 409, "core.illegal_step")


def test_a_repeated_key_answers_the_same_and_other_content_is_422(
    api: Client, lot: Lot, site: Site
) -> None:
    url, key = f"lots/{lot.pk}/hold/", {"Idempotency-Key": "k-1"}
    first, again = (send(api, url, {"cause": "quality", "reason": "dent"}, **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Hold.objects.count() == 1
    refused(
        send(api, url, {"cause": "recall", "reason": "dent"}, **key),
        422,
        "core.idempotency_mismatch",
    )
    assert Hold.objects.count() == 1


def test_too_many_calls_are_429(
    api: Client, unchanged: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(UserRateThrottle, "rate", "2/min", raising=False)
    answers = [api.get("/api/v1/lots/") for _ in range(3)]
    refused(answers[-1], 429, "core.too_many_calls")
    cache.clear()


def test_somebody_at_the_same_record_is_503(
    api: Client, lot: Lot, unchanged: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_args: Any, **_more: Any) -> None:
        raise Busy

    monkeypatch.setattr(locking, "_check_version", held)
    answer = send(api, f"lots/{lot.pk}/hold/", {"cause": "quality", "reason": "x"})
    refused(answer, 503, "core.busy")


def test_a_session_without_a_csrf_token_changes_nothing(
    ben: User, lot: Lot, unchanged: None
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ben)
    refused(
        send(strict, f"lots/{lot.pk}/hold/", {"cause": "quality", "reason": "x"}),
        403,
        "core.not_permitted",
    )


SENTENCES: dict[str, Callable[[Client, Lot], Any]] = {
    "malformed": lambda c, lot: send(c, f"lots/{lot.pk}/hold/", b"{"),
    "missing": lambda c, lot: send(c, f"lots/{MISSING}/hold/"),
    "invalid": lambda c, lot: send(c, f"lots/{lot.pk}/hold/", {"cause": "no", "reason": "x"}),
    "large": lambda c, lot: send(c, f"lots/{lot.pk}/hold/", b"x" * (6 * 1024 * 1024)),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_refusal_speaks_the_language_of_the_caller(api: Client, lot: Lot, name: str) -> None:
    api.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = SENTENCES[name](api, lot).json()["detail"]
    api.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    chinese = SENTENCES[name](api, lot).json()["detail"]
    assert english.isascii() or "“" in english
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), chinese
