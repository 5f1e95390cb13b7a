"""The delivered roles: complete, apart from each other, safe to load again."""

from __future__ import annotations

import pytest

from erp.accounts.models import Role, RolePermission, User
from erp.accounts.queries import actor_for
from erp.operations import REGISTRY
from erp.organisation.catalogue import ROLES
from erp.organisation.installing import (
    AdministratorExists,
    codes_of,
    first_administrator,
    load_roles,
)
from erp.organisation.permissions import OWN

QUALITY = (
    "quality.",
    "inventory.",
    "production.",
    "procurement.",
    "sales.",
    "equipment.",
    "recall.",
)


@pytest.mark.urs("SEC-01")
def test_loading_twice_adds_nothing_the_second_time(db: None) -> None:
    load_roles()
    before = (Role.objects.count(), RolePermission.objects.count(), User.objects.count())
    again = load_roles()
    assert (again.roles, again.permissions, again.services) == (0, 0, 0)
    assert (Role.objects.count(), RolePermission.objects.count(), User.objects.count()) == before


@pytest.mark.urs("SEC-01")
def test_a_permission_that_people_took_away_stays_away(db: None) -> None:
    load_roles()
    role = Role.objects.get(code="inspector")
    role.permissions.filter(operation="inventory.place_hold").delete()
    load_roles()
    assert not role.permissions.filter(operation="inventory.place_hold").exists()


@pytest.mark.urs("SEC-01")
def test_the_administrator_does_no_quality_work() -> None:
    admin = next(plan for plan in ROLES if plan.code == "administrator")
    assert not [code for code in codes_of(admin) if code.startswith(QUALITY)]


@pytest.mark.urs("SEC-01")
def test_no_other_role_changes_accounts() -> None:
    others = [plan for plan in ROLES if plan.code != "administrator"]
    assert all(
        code in OWN or not code.startswith("organisation.")
        for plan in others
        for code in codes_of(plan)
    )


@pytest.mark.urs("AUD-05")
def test_the_auditor_changes_nothing_but_asks_for_evidence() -> None:
    auditor = next(plan for plan in ROLES if plan.code == "auditor")
    kept = ("read.", "evidence.request_", "traceability.save_trace")
    assert all(c.startswith(kept) or c in OWN for c in codes_of(auditor))


def test_the_people_of_the_requirements_are_all_there() -> None:
    wanted = {
        "operator",
        "warehouse-keeper",
        "inspector",
        "quality-engineer",
        "quality-manager",
        "buyer",
        "planner",
        "metrologist",
        "regulatory-affairs",
        "customer-service",
        "administrator",
        "auditor",
    }
    assert wanted <= {plan.code for plan in ROLES}


def test_every_operation_is_held_by_some_delivered_role() -> None:
    held = {code for plan in ROLES for code in codes_of(plan)}
    assert set(REGISTRY) - held == set()


@pytest.mark.urs("SEC-01")
def test_only_the_first_administrator_is_made_outside_the_application(db: None) -> None:
    load_roles()
    admin = first_administrator("Root", "Ruth Oster", "brown bread and butter")
    assert (admin.username, admin.password_is_temporary, admin.may_sign) == ("root", True, False)
    assert actor_for(admin).may("organisation.register_person")
    with pytest.raises(AdministratorExists):
        first_administrator("second", "Second", "brown bread and butter")
