"""People and roles: who may give what to whom, where, and what ends."""

from __future__ import annotations

from typing import Any

import pytest

from audit.queries import history_of
from erp.accounts.errors import WeakPassword
from erp.accounts.models import Company, RoleAssignment, Site, User
from erp.accounts.queries import actor_for, people_who_may
from erp.core import clock
from erp.core.errors import DomainError, NotPermitted, SamePerson
from erp.inventory.operations import hold_lot
from erp.organisation.errors import (
    CodeTaken,
    IdentityNotVerified,
    OneScope,
    RoleHeld,
    RoleNotHeld,
    UnknownPermission,
    UsernameTaken,
)
from erp.organisation.operations import (
    deactivate_person,
    define_role,
    end_role,
    grant_role,
    register_company,
    register_site,
    revise_role,
    set_language,
)
from erp.organisation.records.people import PEOPLE
from erp.ui.records import KINDS
from tests.accounts.builders import machine, newcomer, role_with, token_text
from tests.conftest import MakePerson, ctx_for
from tests.inventory.builders import lot_in_stock


@pytest.mark.urs("SEC-01")
def test_a_user_name_is_never_given_twice_not_even_after_its_holder_left(ada: User) -> None:
    eve = newcomer(ada)
    deactivate_person(ctx_for(ada, reason="left"), user_id=eve.pk)
    with pytest.raises(UsernameTaken):
        newcomer(ada, "EVE")


@pytest.mark.urs("SEC-01")
def test_nobody_may_sign_before_their_identity_was_verified(ada: User) -> None:
    with pytest.raises(IdentityNotVerified):
        newcomer(ada, identity_checked="")
    assert not newcomer(ada, identity_checked="", may_sign=False).may_sign


@pytest.mark.urs("SEC-01")
def test_nobody_grants_a_role_to_themselves(ada: User) -> None:
    role = role_with(ada, "inventory.hold_lot")
    with pytest.raises(SamePerson):
        grant_role(ctx_for(ada, reason="handy"), user_id=ada.pk, role_id=role.pk)


@pytest.mark.urs("SEC-01")
def test_holders_of_a_role_cannot_widen_it(ada: User, ben: User) -> None:
    role = role_with(ada, "inventory.hold_lot")
    grant_role(ctx_for(ada, reason="starts"), user_id=ben.pk, role_id=role.pk)
    changed: dict[str, Any] = {
        "role_id": role.pk,
        "name": "x",
        "description": "",
        "permissions": ["inventory.release_hold"],
    }
    with pytest.raises(SamePerson):
        revise_role(ctx_for(ben, reason="handy"), **changed)
    revise_role(ctx_for(ada, reason="agreed"), **changed)
    codes = set(role.permissions.values_list("operation", flat=True))
    assert codes == {
        "inventory.release_hold",
        "organisation.change_password",
        "organisation.set_language",
    }


@pytest.mark.urs("SEC-01")
def test_an_administrator_of_a_site_grants_only_there(
    ada: User, ben: User, person: MakePerson, site: Site, other_site: Site
) -> None:
    role = role_with(ada, "inventory.hold_lot")
    eve = person("eve")
    for scope in ({}, {"site_id": other_site.pk}, {"company_id": other_site.company_id}):
        with pytest.raises(NotPermitted):
            grant_role(ctx_for(ben, reason="starts"), user_id=eve.pk, role_id=role.pk, **scope)
    grant_role(ctx_for(ben, reason="starts"), user_id=eve.pk, role_id=role.pk, site_id=site.pk)
    assert actor_for(eve).may("inventory.hold_lot", site.pk)
    assert not actor_for(eve).may("inventory.hold_lot", other_site.pk)


@pytest.mark.urs("SEC-01")
def test_a_role_at_a_company_holds_at_its_sites(ada: User, person: MakePerson, site: Site) -> None:
    role = role_with(ada, "inventory.hold_lot")
    eve = person("eve")
    grant_role(
        ctx_for(ada, reason="starts"), user_id=eve.pk, role_id=role.pk, company_id=site.company_id
    )
    assert actor_for(eve).may("inventory.hold_lot", site.pk)
    with pytest.raises(RoleHeld):
        grant_role(
            ctx_for(ada, reason="again"),
            user_id=eve.pk,
            role_id=role.pk,
            company_id=site.company_id,
        )
    both = {"company_id": site.company_id, "site_id": site.pk}
    with pytest.raises(OneScope):
        grant_role(ctx_for(ada, reason="both"), user_id=eve.pk, role_id=role.pk, **both)


@pytest.mark.urs("SEC-01")
def test_an_ended_role_refuses_at_the_next_call(ada: User, person: MakePerson, site: Site) -> None:
    role = role_with(ada, "inventory.hold_lot")
    eve = person("eve")
    grant_role(ctx_for(ada, reason="starts"), user_id=eve.pk, role_id=role.pk, site_id=site.pk)
    lot = lot_in_stock(ada, site)
    hold_lot(ctx_for(eve, reason="dent"), lot_id=lot.pk, cause="quality")
    end_role(ctx_for(ada, reason="moved"), user_id=eve.pk, role_id=role.pk, site_id=site.pk)
    with pytest.raises(DomainError) as refusal:
        hold_lot(ctx_for(eve, reason="dent"), lot_id=lot.pk, cause="quality")
    assert refusal.value.status in {403, 404}
    with pytest.raises(RoleNotHeld):
        end_role(ctx_for(ada, reason="moved"), user_id=eve.pk, role_id=role.pk, site_id=site.pk)


@pytest.mark.urs("SEC-01")
def test_deactivation_ends_roles_and_tokens_and_keeps_the_person(ada: User) -> None:
    mes = machine(ada, "inventory.hold_lot")
    token_text(ada, mes)
    deactivate_person(ctx_for(ada, reason="line closed"), user_id=mes.pk)
    assert not RoleAssignment.objects.filter(user=mes, ended_at__isnull=True).exists()
    assert not mes.tokens.filter(revoked_at__isnull=True).exists()
    assert User.objects.filter(pk=mes.pk, is_active=False).exists()


@pytest.mark.urs("SEC-01")
def test_nobody_deactivates_themselves(ada: User) -> None:
    with pytest.raises(SamePerson):
        deactivate_person(ctx_for(ada, reason="bye"), user_id=ada.pk)


def test_a_role_allows_only_operations_that_exist(ada: User) -> None:
    with pytest.raises(UnknownPermission) as refusal:
        role_with(ada, "inventory.hold_lot", "inventory.fly")
    assert "inventory.fly" in refusal.value.detail
    assert "inventory.hold_lot" not in refusal.value.detail
    role_with(ada, "inventory.hold_lot")
    with pytest.raises(CodeTaken):
        define_role(
            ctx_for(ada, reason="x"), code="packers", name="P", description="", permissions=[]
        )


@pytest.mark.urs("MDM-03")
def test_companies_and_sites_are_registered_once(ada: User) -> None:
    company = register_company(ctx_for(ada), code="ACME", name="Acme", country="DE")
    register_site(ctx_for(ada), company_id=company.pk, code="MUC", name="Munich", country="DE")
    with pytest.raises(CodeTaken):
        register_site(ctx_for(ada), company_id="ACME", code="muc", name="Munich", country="DE")
    assert Company.objects.get(code="ACME").sites.count() == 1


@pytest.mark.urs("SEC-01")
def test_people_of_another_site_are_not_seen(
    ada: User, ben: User, dan: User, person: MakePerson
) -> None:
    boss = person("boss", may=["read.people"], site=ben.assignments.get().site)
    seen = set(PEOPLE.rows(actor_for(boss)).values_list("username", flat=True))
    assert "ben" in seen
    assert "dan" not in seen
    assert set(PEOPLE.rows(actor_for(dan)).values_list("username", flat=True)) == {"dan"}


@pytest.mark.urs("AUD-06", "SEC-01")
def test_logs_are_shown_only_to_those_who_may_read_them(ada: User, dan: User, site: Site) -> None:
    hold_lot(ctx_for(ada, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    for noun in ("operation-log", "access-log", "signatures", "tokens", "roles"):
        rows = KINDS[noun].rows(actor_for(dan))
        assert (
            not rows.exclude(pk__in=dan.assignments.values("role")).exists()
            if noun == "roles"
            else not rows
        )


@pytest.mark.urs("AUD-01")
def test_the_history_says_who_changed_a_person(ada: User, ben: User) -> None:
    set_language(ctx_for(ben), language="zh-hans")
    entry = history_of(ben)[0]
    assert (entry.who, entry.what, entry.outside) == ("Ben", "organisation.set_language", False)
    assert [(str(c.field), c.old, c.new) for c in entry.changes] == [("language", "en", "zh-hans")]


def test_a_registered_person_needs_a_strong_first_password(ada: User) -> None:
    with pytest.raises(WeakPassword):
        newcomer(ada, password="eve")


@pytest.mark.parametrize("scope", ["everywhere", "company", "site", "other site", "ended"])
def test_who_may_is_the_same_asked_from_either_side(
    person: MakePerson, site: Site, other_site: Site, scope: str
) -> None:
    cleo = person("cleo", may=["inventory.release_hold"])
    where: dict[str, dict[str, Any]] = {
        "everywhere": {},
        "company": {"company": site.company},
        "site": {"site": site},
        "other site": {"site": other_site},
        "ended": {"ended_at": clock.now()},
    }
    cleo.assignments.update(**where[scope])
    for asked in ([site.pk], [other_site.pk], [site.pk, other_site.pk], []):
        found = people_who_may("inventory.release_hold", asked).filter(pk=cleo.pk).exists()
        actor = actor_for(cleo)
        here = all(actor.may("inventory.release_hold", pk) for pk in asked)
        assert found == (here and actor.may("inventory.release_hold")), (scope, asked)
