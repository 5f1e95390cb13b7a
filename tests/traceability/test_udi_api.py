"""Reading device identifiers by API."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from erp.accounts.models import User
from tests.accounts.builders import machine, token_text

PARSE = "/api/v1/udi/parse/"
GOOD = "(01)09520123456788(17)281000(10)R1042(21)000187"
HOLD = "inventory.hold_lot"
BAD = "(01)09520123456789"


@pytest.fixture
def web(cleo: User) -> Client:
    client = Client()
    client.force_login(cleo)
    return client


def post(client: Client, body: dict[str, Any], **more: Any) -> Any:
    """Send a question."""
    return client.post(PARSE, body, content_type="application/json", **more)


@pytest.mark.urs("UDI-02")
def test_a_code_is_answered_with_its_parts(web: Client) -> None:
    answer = post(web, {"text": GOOD})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["issuer"], said["di"], said["lot"]) == ("GS1", "09520123456788", "R1042")
    assert said["expiry"] == {
        "raw": "281000",
        "format": "yyMM00",
        "value": "2028-10",
        "precision": "month",
        "first_day": "2028-10-01",
        "last_day": "2028-10-31",
    }
    assert said["ais"]["21"] == "000187"


def test_the_address_works_without_the_last_slash(web: Client) -> None:
    body = {"text": GOOD}
    assert web.post(PARSE[:-1], body, content_type="application/json").status_code == 200


@pytest.mark.urs("UDI-02")
def test_a_bad_code_is_a_problem_with_place_reason_and_expectation(web: Client) -> None:
    answer = post(web, {"text": BAD})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    said = answer.json()
    assert (said["code"], said["fault"], said["position"]) == ("udi.refused", "check_digit", 18)
    assert (said["found"], said["expected"], said["tolerance"]) == ("9", "8.", "check")


def test_the_choice_is_to_permit_the_doubt_or_to_read_leniently(web: Client) -> None:
    for terms in ({"permit": ["check"]}, {"mode": "lenient"}):
        said = post(web, {"text": BAD, **terms}).json()
        assert said["di"] == "09520123456789"
        assert [w["fault"] for w in said["warnings"]] == ["check_digit"]


def test_a_list_has_an_outcome_for_each(web: Client) -> None:
    said = post(web, {"texts": [GOOD, BAD, "+A123BJC5D6E71G", ""]}).json()["results"]
    assert [one["valid"] for one in said] == [True, False, True, False]
    assert said[1]["position"] == 18
    assert said[3]["fault"] == "empty"


def test_the_level_says_what_must_come_together(web: Client) -> None:
    text = "(17)281031(10)R1042"
    assert post(web, {"text": text}).json()["warnings"][0]["fault"] == "lacking_here"
    assert post(web, {"text": text, "level": "parse"}).json()["warnings"] == []
    assert post(web, {"text": text, "level": "association"}).status_code == 422


def test_a_bare_identifier_is_read_with_its_issuer(web: Client) -> None:
    said = post(web, {"text": "A123BJC5D6E71", "issuer": "HIBCC"}).json()
    assert (said["di"], said["parts"]["lic"]) == ("A123BJC5D6E71", "A123")


@pytest.mark.parametrize(
    "body",
    [{}, {"text": GOOD, "texts": [GOOD]}, {"text": GOOD, "mode": "loose"}, {"texts": ["x"] * 1001}],
)
def test_a_question_of_the_wrong_shape_is_refused(web: Client, body: dict[str, Any]) -> None:
    answer = post(web, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "core.invalid_input")


def test_nobody_reads_without_sign_in_nor_with_a_token_that_may_not_read(ada: User) -> None:
    assert post(Client(), {"text": GOOD}).status_code == 401
    mes = machine(ada, HOLD)
    for scope, status in (("read", 200), (HOLD, 403)):
        header = {"authorization": f"Bearer {token_text(ada, mes, scope)}"}
        assert post(Client(), {"text": GOOD}, headers=header).status_code == status


def test_reasons_are_said_in_the_readers_language(web: Client) -> None:
    web.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert "校验" in post(web, {"text": BAD}).json()["reason"]
