"""First installation: roles and service accounts, written by the owner of the database.

This is the one place that writes outside the door, because before it nobody holds a permission.
The history shows it as what it is: a change under the owner's login, without an operation.
Running it again adds what new versions bring and takes nothing away that people arranged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from erp.accounts.models import Role, RoleAssignment, RolePermission, User
from erp.core import clock
from erp.organisation.catalogue import ROLES, SERVICES, RolePlan
from erp.organisation.permissions import OWN, matching

ADMINISTRATOR = "administrator"


class AdministratorExists(Exception):
    """Somebody administers this installation already, so accounts are made in the application."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was added."""

    roles: int
    permissions: int
    services: int


def load_roles() -> Loaded:
    """Add the delivered roles, their permissions and the service accounts that are missing."""
    with transaction.atomic():
        roles_before = Role.objects.count()
        roles = {plan.code: _role(plan) for plan in ROLES}
        permissions = sum(_permissions(roles[plan.code], plan) for plan in ROLES)
        services = _services(roles)
    return Loaded(len(roles) - min(roles_before, len(roles)), permissions, services)


def codes_of(plan: RolePlan) -> frozenset[str]:
    """Return the permissions of a planned role, resolved against everything registered."""
    return frozenset(matching(plan.allows)) - frozenset(matching(plan.never)) | frozenset(OWN)


def _role(plan: RolePlan) -> Role:
    role, _made = Role.objects.get_or_create(
        code=plan.code, defaults={"name": plan.name, "description": plan.description}
    )
    return role


def _permissions(role: Role, plan: RolePlan) -> int:
    held = set(role.permissions.values_list("operation", flat=True))
    # A permission that people took away stays away: it is in the history of the role.
    ended = set(
        RolePermission.history.filter(role_id=role.pk, history_type="-").values_list(
            "operation", flat=True
        )
    )
    missing = sorted(codes_of(plan) - held - ended)
    RolePermission.objects.bulk_create(
        [RolePermission(role=role, operation=code) for code in missing]
    )
    return len(missing)


def _services(roles: Mapping[str, Role]) -> int:
    known = set(User.objects.filter(is_service=True).values_list("username", flat=True))
    missing = [plan for plan in SERVICES if plan.username not in known]
    for plan in missing:
        user = User.objects.create(
            username=plan.username,
            name=plan.name,
            is_service=True,
            may_sign=False,
            password=make_password(None),
            password_changed_at=clock.now(),
        )
        RoleAssignment.objects.create(user=user, role=roles[plan.role])
    return len(missing)


def first_administrator(username: str, name: str, password: str) -> User:
    """Make the account that registers all others; its password must be changed at once.

    Raises ``AdministratorExists`` when any active person already holds the administrator's role.
    """
    with transaction.atomic():
        role = Role.objects.select_for_update().get(code=ADMINISTRATOR)
        held = role.assignments.filter(ended_at__isnull=True, user__is_active=True)
        if held.exists():
            raise AdministratorExists
        user = User.objects.create(
            username=username.lower(),
            name=name,
            may_sign=False,
            password=make_password(password),
            password_is_temporary=True,
        )
        RoleAssignment.objects.create(user=user, role=role)
    return user
