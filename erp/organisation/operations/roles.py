"""What people may do: roles are defined, granted at a place, ended; never for oneself."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Company, Role, RoleAssignment, Site, User
from erp.core.context import Context
from erp.operations import Reason, operation
from erp.operations.declaration import EarlierStep
from erp.organisation import inputs, steps
from erp.organisation.errors import CodeTaken, NotActive, OneScope, RoleHeld, RoleNotHeld
from erp.organisation.locking import lock_open_assignments, lock_role, lock_user
from erp.organisation.permissions import checked

GRANT = _("Grant role")
END = _("End role")


def _receives(user: User) -> Sequence[EarlierStep]:
    return [(user.pk, user.name, _("hold this account"))]


def _holders(role: Role) -> Sequence[EarlierStep]:
    """Bar the holders of a role from changing what it allows."""
    held = role.assignments.filter(ended_at__isnull=True).select_related("user")
    return [(a.user_id, a.user.name, _("hold this role")) for a in held]


@operation(
    "organisation.define_role",
    title=_("Define role"),
    sentence=_("A new role with the operations it allows."),
    noun="roles",
    verb="define",
    creates="accounts.Role",
    input=inputs.DefineRole,
    reason=Reason.REQUIRED,
)
def define_role(
    ctx: Context, *, code: str, name: str, description: str, permissions: list[str]
) -> Role:
    """Make a role; every permission must be an operation that exists."""
    codes = checked(permissions)
    if Role.objects.filter(code=code).exists():
        raise CodeTaken(value=code)
    role = Role.objects.create(code=code, name=name, description=description)
    steps.set_permissions(role, codes)
    return role


@operation(
    "organisation.revise_role",
    title=_("Revise role"),
    sentence=_("What this role allows changes at once for everybody who holds it."),
    noun="roles",
    verb="revise",
    subject="accounts.Role",
    subject_arg="role_id",
    input=inputs.RoleFields,
    other_than=_holders,
    reason=Reason.REQUIRED,
)
def revise_role(
    ctx: Context, *, role_id: int, name: str, description: str, permissions: list[str]
) -> Role:
    """Change a role; whoever holds it cannot, or they would grant to themselves."""
    role = lock_role(ctx, role_id)
    codes = checked(permissions)
    role.name, role.description = name, description
    role.save(update_fields=["name", "description"])
    steps.set_permissions(role, codes)
    return role


@operation(
    "organisation.grant_role",
    title=GRANT,
    sentence=_(
        "The person may do what the role allows, at the site, at the company, or everywhere."
    ),
    noun="people",
    verb="grant-role",
    subject="accounts.User",
    subject_arg="user_id",
    input=inputs.RoleScope,
    site_of=lambda user, values: values.get("site_id") if isinstance(values, dict) else None,
    other_than=_receives,
    reason=Reason.REQUIRED,
    primary=True,
)
def grant_role(
    ctx: Context,
    *,
    user_id: int,
    role_id: int,
    site_id: int | None = None,
    company_id: int | None = None,
) -> User:
    """Give a role. Nobody gives one to themselves, nor beyond where they may give it."""
    user = lock_user(ctx, user_id)
    if not user.is_active:
        raise NotActive(person=user.name)
    _check_scope(ctx, site_id, company_id, GRANT)
    if _find(lock_open_assignments(ctx, user.pk), role_id, site_id, company_id):
        raise RoleHeld(person=user.name)
    RoleAssignment.objects.create(
        user=user, role_id=role_id, site_id=site_id, company_id=company_id
    )
    return user


@operation(
    "organisation.end_role",
    title=END,
    sentence=_(
        "The person may no longer do what the role allows; it takes effect at the next click."
    ),
    noun="people",
    verb="end-role",
    subject="accounts.User",
    subject_arg="user_id",
    input=inputs.HeldRole,
    site_of=lambda user, values: values.get("site_id") if isinstance(values, dict) else None,
    other_than=_receives,
    reason=Reason.REQUIRED,
)
def end_role(
    ctx: Context,
    *,
    user_id: int,
    role_id: int,
    site_id: int | None = None,
    company_id: int | None = None,
) -> User:
    """End a role that is held exactly there."""
    user = lock_user(ctx, user_id)
    _check_scope(ctx, site_id, company_id, END)
    held = _find(lock_open_assignments(ctx, user.pk), role_id, site_id, company_id)
    if held is None:
        raise RoleNotHeld(person=user.name)
    steps.end_assignments(ctx, [held])
    return user


def _check_scope(ctx: Context, site_id: int | None, company_id: int | None, title: object) -> None:
    if site_id is not None and company_id is not None:
        raise OneScope
    sites: list[int | None] = [site_id]
    if company_id is not None:
        sites = list(
            Site.objects.filter(company=Company(pk=company_id)).values_list("pk", flat=True)
        )
    steps.refuse_wider_scope(ctx, sites or [None], title)


def _find(
    held: Sequence[RoleAssignment], role_id: int, site_id: int | None, company_id: int | None
) -> RoleAssignment | None:
    wanted = (role_id, site_id, company_id)
    return next((a for a in held if (a.role_id, a.site_id, a.company_id) == wanted), None)
