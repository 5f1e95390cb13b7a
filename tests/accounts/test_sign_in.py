"""Signing in: by password, with lock-out, an end when idle, and a row for everything."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from erp.accounts.errors import LockedOut, SignatureRefused
from erp.accounts.models import SecurityEvent, Site, User
from erp.inventory.operations import hold_lot, release_hold
from erp.organisation.operations import unlock_person
from tests.conftest import PASSWORD, MakePerson, ctx_for, signed
from tests.inventory.builders import lot_in_stock

Kind = SecurityEvent.Kind


def sign_in(client: Client, username: str, password: str = PASSWORD) -> Any:
    """Post the sign-in form."""
    return client.post(reverse("account_login"), {"login": username, "password": password})


def is_in(client: Client) -> bool:
    """Tell whether the client's session belongs to somebody."""
    return "_auth_user_id" in client.session


def kinds(username: str) -> list[str]:
    """Return what the access log says of a name, oldest first."""
    return list(
        SecurityEvent.objects.filter(username=username)
        .order_by("pk")
        .values_list("kind", flat=True)
    )


@pytest.mark.urs("SEC-02")
def test_the_right_password_signs_in_whatever_the_case_of_the_name(
    ada: User, client: Client
) -> None:
    sign_in(client, "Ada")
    assert is_in(client)
    assert kinds("ada") == [Kind.SIGNED_IN]


@pytest.mark.urs("SEC-02", "SEC-03")
def test_a_wrong_password_is_refused_and_recorded(ada: User, client: Client) -> None:
    response = sign_in(client, "ada", "wrong")
    assert response.status_code == 200
    assert not is_in(client)
    assert kinds("ada") == [Kind.SIGN_IN_FAILED]


@pytest.mark.urs("SEC-02")
def test_after_five_failures_even_the_right_password_is_refused(ada: User, client: Client) -> None:
    for _ in range(5):
        sign_in(client, "ada", "wrong")
    response = sign_in(client, "ada")
    assert not is_in(client)
    assert "Too many wrong passwords" in response.content.decode()
    assert kinds("ada") == [*[Kind.SIGN_IN_FAILED] * 5, Kind.LOCKED, Kind.REFUSED]


@pytest.mark.urs("SEC-02")
def test_an_unknown_name_is_locked_like_a_known_one(db: None, client: Client) -> None:
    for _ in range(5):
        sign_in(client, "nobody", "wrong")
    assert "Too many wrong passwords" in sign_in(client, "nobody").content.decode()


@pytest.mark.urs("SEC-02")
def test_attempts_while_locked_do_not_prolong_the_lock(ada: User, client: Client) -> None:
    start = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    # The rows carry the database's own clock in production; here Django's, which is frozen.
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(5):
            sign_in(client, "ada", "wrong")
        clock.shift(dt.timedelta(minutes=10))
        sign_in(client, "ada")
        assert not is_in(client)
        clock.shift(dt.timedelta(minutes=6))
        sign_in(client, "ada")
        assert is_in(client)


@pytest.mark.urs("SEC-02")
def test_failures_at_signing_lock_signing_and_sign_in(
    ada: User, ben: User, site: Site, client: Client
) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    for _ in range(5):
        with pytest.raises(SignatureRefused):
            release_hold(signed(ada, password="wrong", reason="checked"), hold_id=hold.pk)
    with pytest.raises(LockedOut):
        release_hold(signed(ada, reason="checked"), hold_id=hold.pk)
    sign_in(client, "ada")
    assert not is_in(client)
    assert kinds("ada").count(Kind.SIGNING_FAILED) == 5
    assert kinds("ada").count(Kind.LOCKED) == 1


@pytest.mark.urs("SEC-02")
def test_an_administrator_unlocks_a_colleague(ada: User, ben: User, client: Client) -> None:
    for _ in range(5):
        sign_in(client, "ben", "wrong")
    unlock_person(ctx_for(ada, reason="called from the plant"), user_id=ben.pk)
    sign_in(client, "ben")
    assert is_in(client)


@pytest.mark.urs("SEC-02")
def test_service_accounts_and_inactive_people_cannot_sign_in(
    person: MakePerson, client: Client
) -> None:
    person("mes", service=True)
    gone = person("gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for username in ("mes", "gone"):
        sign_in(client, username)
        assert not is_in(client)


@pytest.mark.urs("SEC-02")
def test_deactivation_ends_an_open_session(ada: User, client: Client) -> None:
    sign_in(client, "ada")
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert client.get(reverse("account_change_password")).status_code == 302


@pytest.mark.urs("SEC-02")
def test_an_idle_session_ends_and_says_so(ada: User, client: Client) -> None:
    start = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        sign_in(client, "ada")
        client.get(reverse("account_change_password"))
        clock.shift(settings.SESSION_IDLE_SECONDS + 1)
        response = client.get(reverse("account_change_password"), follow=True)
    assert not is_in(client)
    assert "signed out because nothing happened" in response.content.decode()
    ended = SecurityEvent.objects.get(kind=Kind.SIGNED_OUT)
    assert (ended.username, ended.code) == ("ada", "idle")


@pytest.mark.urs("SEC-02")
def test_nobody_signs_up(db: None, client: Client) -> None:
    fields = {"username": "mallory", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), fields)
    assert not User.objects.filter(username="mallory").exists()


@pytest.mark.urs("AUD-01")
def test_signing_in_changes_no_regulated_row(ada: User, client: Client) -> None:
    before = ada.history.count()
    sign_in(client, "ada")
    assert ada.history.count() == before
