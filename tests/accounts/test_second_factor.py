"""Roles can ask for a second factor: without one there is nothing to do but to set it up."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from erp.accounts.errors import SecondFactorMissing
from erp.accounts.models import RoleAssignment, Site, User
from erp.accounts.second_factor import refuse_without
from erp.core import clock
from erp.inventory.operations import hold_lot, release_hold
from tests.conftest import ctx_for, signed
from tests.inventory.builders import lot_in_stock


@pytest.fixture
def asked_of_ada(settings: Any, ada: User) -> User:
    """Return Ada, whose role must have a second factor; nobody else's must."""
    settings.SECOND_FACTOR_ROLES = frozenset({"role-ada"})
    return ada


def set_up(user: User, kind: str = Authenticator.Type.TOTP) -> None:
    """Give a person an authenticator, as the library's pages do."""
    Authenticator.objects.create(user=user, type=kind, data={})


def signed_in(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.urs("SEC-02")
def test_without_the_second_factor_every_page_leads_to_setting_it_up(asked_of_ada: User) -> None:
    client = signed_in(asked_of_ada)
    for page in ("/", "/lots/", "/trace/", "/do/inventory.hold_lot/1/"):
        response = client.get(page)
        assert (response.status_code, response["Location"]) == (302, reverse("mfa_index")), page


@pytest.mark.urs("SEC-02")
def test_without_the_second_factor_the_api_answers_with_the_reason(asked_of_ada: User) -> None:
    response = signed_in(asked_of_ada).get("/api/v1/lots/")
    assert response.status_code == 401
    assert response.json()["code"] == "accounts.second_factor_missing"


@pytest.mark.urs("SEC-02")
def test_with_the_second_factor_everything_is_open(asked_of_ada: User) -> None:
    set_up(asked_of_ada)
    assert signed_in(asked_of_ada).get("/lots/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(asked_of_ada: User) -> None:
    set_up(asked_of_ada, Authenticator.Type.RECOVERY_CODES)
    with pytest.raises(SecondFactorMissing):
        refuse_without(asked_of_ada)


@pytest.mark.urs("SEC-02")
def test_nobody_signs_without_the_second_factor_their_role_asks_for(
    asked_of_ada: User, ben: User, site: Site
) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ben, site).pk, cause="quality")
    with pytest.raises(SecondFactorMissing):
        release_hold(signed(asked_of_ada, reason="measured"), hold_id=hold.pk)
    hold.refresh_from_db()
    assert hold.released_at is None
    set_up(asked_of_ada)
    release_hold(signed(asked_of_ada, reason="measured"), hold_id=hold.pk)


def test_other_roles_and_ended_ones_are_not_asked(asked_of_ada: User, ben: User) -> None:
    refuse_without(ben)
    RoleAssignment.objects.filter(user=asked_of_ada).update(ended_at=clock.now())
    refuse_without(asked_of_ada)


def test_a_star_asks_everybody_but_service_accounts(settings: Any, ben: User) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset({"*"})
    with pytest.raises(SecondFactorMissing):
        refuse_without(ben)
    ben.is_service = True
    refuse_without(ben)


def test_it_costs_nothing_where_no_role_asks(ada: User) -> None:
    with CaptureQueriesContext(connection) as taken:
        refuse_without(ada)
    assert not taken.captured_queries
