"""Writes made inside operations: passwords, role permissions, ends."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from erp.accounts.errors import WeakPassword
from erp.accounts.models import ApiToken, Role, RoleAssignment, RolePermission, User
from erp.core import clock
from erp.core.context import Context
from erp.core.errors import NotPermitted
from erp.organisation.errors import IdentityNotVerified, UsernameTaken
from erp.organisation.permissions import OWN

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


def new_username(username: str) -> str:
    """Return the user name in lower case, or refuse one that was ever given."""
    name = username.strip().lower()
    if User.objects.filter(username__iexact=name).exists():
        raise UsernameTaken(username=name)
    return name


def check_strength(password: str, user: User) -> None:
    """Refuse a password outside the policy, saying why."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(why=" ".join(error.messages)) from error


def refuse_unverified_signer(*, may_sign: bool, identity_checked: str) -> None:
    """Refuse the right to sign while nobody vouches for who the person is."""
    if may_sign and not identity_checked.strip():
        raise IdentityNotVerified


def set_permissions(role: Role, codes: Iterable[str]) -> None:
    """Make these codes, and what every role holds, the permissions of a locked role."""
    wanted = {*codes, *OWN}
    held = set(role.permissions.values_list("operation", flat=True))
    role.permissions.exclude(operation__in=wanted).delete()
    RolePermission.objects.bulk_create(
        [RolePermission(role=role, operation=code) for code in sorted(wanted - held)]
    )


def end_assignments(ctx: Context, assignments: Iterable[RoleAssignment]) -> None:
    """End locked role assignments."""
    pks = [a.pk for a in assignments]
    RoleAssignment.objects.filter(pk__in=pks).update(ended_at=ctx.at or clock.now())


def revoke_tokens(ctx: Context, user: User) -> None:
    """Revoke every token of a locked account."""
    ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(
        revoked_at=ctx.at or clock.now()
    )


def refuse_wider_scope(ctx: Context, site_ids: Iterable[int | None], title: object) -> None:
    """Refuse giving or ending a role where the actor's own permission does not reach."""
    held = ctx.actor.grants.get(ctx.operation_code, frozenset())
    if None not in held and not set(site_ids) <= set(held):
        raise NotPermitted(operation=title)
