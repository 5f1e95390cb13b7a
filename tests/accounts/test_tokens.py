"""Tokens: shown once, bound to scopes, ended by time or by hand, refused alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from erp.accounts.authentication import digest_of
from erp.accounts.models import ApiToken, SecurityEvent, Site, User
from erp.core import clock
from erp.organisation.errors import TokenOfAnother, UnknownPermission
from erp.organisation.operations import issue_token, revoke_token
from tests.accounts.builders import machine, token_text
from tests.conftest import ctx_for
from tests.inventory.builders import lot_in_stock

HOLD = "inventory.hold_lot"


def bearer(text: str) -> dict[str, str]:
    """Return the header of a token."""
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.urs("SEC-03")
def test_a_token_is_kept_only_as_its_hash(ada: User) -> None:
    text = token_text(ada, machine(ada, HOLD))
    token = ApiToken.objects.get()
    assert token.digest == digest_of(text)
    assert text not in {str(value) for value in vars(token).values()}
    assert len(text) > 50


@pytest.mark.urs("SEC-03", "INT-01")
def test_a_token_reads_and_acts_within_its_scopes(ada: User, site: Site, client: Client) -> None:
    mes = machine(ada, HOLD, "inventory.place_hold")
    text = token_text(ada, mes, "read", HOLD)
    lot = lot_in_stock(ada, site)
    assert client.get("/api/v1/lots/", headers=bearer(text)).status_code == 200
    body: dict[str, Any] = {"cause": "quality", "reason": "sensor"}
    url = f"/api/v1/lots/{lot.pk}/hold/"
    done = client.post(url, body, content_type="application/json", headers=bearer(text))
    assert done.status_code in {200, 201}
    body = {"cause": "quality", "reason": "sensor", "lots": [lot.number]}
    refused = client.post(
        "/api/v1/holds/place/", body, content_type="application/json", headers=bearer(text)
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "core.not_permitted")


@pytest.mark.urs("SEC-03")
def test_a_token_without_the_read_scope_does_not_read(ada: User, client: Client) -> None:
    text = token_text(ada, machine(ada, HOLD), HOLD)
    assert client.get("/api/v1/lots/", headers=bearer(text)).status_code == 403
    assert SecurityEvent.objects.filter(kind="token_refused", username="mes-line-1").count() == 1


@pytest.mark.urs("SEC-03")
def test_every_unusable_token_gets_the_same_answer_and_a_row(ada: User, client: Client) -> None:
    mes = machine(ada, HOLD)
    good, revoked, other = (token_text(ada, mes) for _ in range(3))
    revoke_token(ctx_for(ada, reason="lost"), token_id=ApiToken.objects.get(prefix=revoked[:12]).pk)
    wrong = good[:-4] + ("aaaa" if not good.endswith("aaaa") else "bbbb")
    answers = set()
    for text in (revoked, wrong, "nonsense", ""):
        response = client.get("/api/v1/lots/", headers=bearer(text))
        body = response.json()
        answers.add((response.status_code, body["code"], body["detail"]))
    with time_machine.travel(clock.now() + dt.timedelta(days=31)):
        assert client.get("/api/v1/lots/", headers=bearer(other)).status_code == 401
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401
    assert SecurityEvent.objects.filter(kind="token_refused").count() == 5


@pytest.mark.urs("SEC-03")
def test_a_token_of_a_deactivated_account_is_refused(ada: User, client: Client) -> None:
    mes = machine(ada, HOLD)
    text = token_text(ada, mes)
    User.objects.filter(pk=mes.pk).update(is_active=False)
    assert client.get("/api/v1/lots/", headers=bearer(text)).status_code == 401


@pytest.mark.urs("SEC-01", "SEC-03")
def test_nobody_has_a_token_made_for_another_person(ada: User, ben: User) -> None:
    with pytest.raises(TokenOfAnother):
        issue_token(ctx_for(ada), user_id=ben.pk, name="x", scopes=["read"], days=1)
    issue_token(ctx_for(ada), user_id=ada.pk, name="my script", scopes=["read"], days=1)


def test_scopes_are_operations_that_exist(ada: User) -> None:
    with pytest.raises(UnknownPermission):
        token_text(ada, machine(ada, HOLD), "inventory.fly")
