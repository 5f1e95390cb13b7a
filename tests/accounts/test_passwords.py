"""Passwords: given once, changed by their owner, never known to two people."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import OperationLog
from erp.accounts.errors import LockedOut, PasswordNotOwn, WeakPassword, WrongPassword
from erp.accounts.models import Site, User
from erp.inventory.operations import hold_lot, release_hold
from erp.organisation.operations import change_password, grant_role, reset_password
from tests.accounts.builders import FIRST, newcomer, role_with
from tests.accounts.test_sign_in import is_in, sign_in
from tests.conftest import PASSWORD, ctx_for, signed
from tests.inventory.builders import lot_in_stock

OWN = "seven geese over water"


@pytest.mark.urs("SEC-02", "AUD-03")
def test_who_has_a_first_password_cannot_sign_until_it_is_changed(
    ada: User, ben: User, site: Site
) -> None:
    eve = newcomer(ada)
    role = role_with(ada, "inventory.release_hold", "organisation.change_password")
    grant_role(ctx_for(ada, reason="starts"), user_id=eve.pk, role_id=role.pk)
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    with pytest.raises(PasswordNotOwn):
        release_hold(signed(eve, password=FIRST, reason="checked"), hold_id=hold.pk)
    change_password(ctx_for(eve), password=FIRST, new_password=OWN)
    release_hold(signed(eve, password=OWN, reason="checked"), hold_id=hold.pk)


@pytest.mark.urs("SEC-02")
def test_an_administrator_who_resets_a_password_cannot_sign_with_it(
    ada: User, ben: User, site: Site
) -> None:
    hold = hold_lot(ctx_for(ada, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    reset_password(ctx_for(ada, reason="forgotten"), user_id=ben.pk, password=FIRST)
    with pytest.raises(PasswordNotOwn):
        release_hold(signed(ben, password=FIRST, reason="checked"), hold_id=hold.pk)


@pytest.mark.urs("SEC-02")
def test_weak_and_repeated_passwords_are_refused(ada: User) -> None:
    for weak in ("short", "password123", "1234567890", PASSWORD):
        with pytest.raises(WeakPassword):
            change_password(ctx_for(ada), password=PASSWORD, new_password=weak)


@pytest.mark.urs("SEC-02")
def test_guessing_the_present_password_locks(ada: User) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            change_password(ctx_for(ada), password="guess", new_password=OWN)
    with pytest.raises(LockedOut):
        change_password(ctx_for(ada), password=PASSWORD, new_password=OWN)


@pytest.mark.urs("SEC-02", "AUD-01")
def test_the_page_changes_the_password_through_the_door(ada: User, client: Client) -> None:
    sign_in(client, "ada")
    fields = {"oldpassword": PASSWORD, "password1": OWN, "password2": OWN}
    response = client.post(reverse("account_change_password"), fields)
    assert response.status_code == 302
    assert is_in(client)
    entry = OperationLog.objects.get(code="organisation.change_password")
    assert entry.input == {"password": "…", "new_password": "…"}
    newest = ada.history.order_by("-history_id").first()
    assert newest is not None
    assert newest.history_operation_id == entry.pk


@pytest.mark.urs("SEC-02")
def test_the_page_says_why_a_password_is_refused(ada: User, client: Client) -> None:
    sign_in(client, "ada")
    fields = {"oldpassword": "guess", "password1": OWN, "password2": OWN}
    response = client.post(reverse("account_change_password"), fields)
    assert "The present password is wrong" in response.content.decode()
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


@pytest.mark.urs("SEC-02")
def test_a_first_password_leads_to_the_page_that_changes_it(ada: User, client: Client) -> None:
    newcomer(ada)
    response = sign_in(client, "eve", FIRST)
    assert response["Location"] == reverse("account_change_password")
