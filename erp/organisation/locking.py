"""Row locks of people, roles and tokens: the only ``select_for_update`` of their rows."""

from __future__ import annotations

from erp.accounts.models import ApiToken, Role, RoleAssignment, User
from erp.core.context import Context
from erp.core.locking import lock, lock_one


def lock_user(ctx: Context, user_id: int) -> User:
    """Lock one account."""
    return lock_one(ctx, User.objects.all(), user_id)


def lock_role(ctx: Context, role_id: int) -> Role:
    """Lock one role."""
    return lock_one(ctx, Role.objects.all(), role_id)


def lock_token(ctx: Context, token_id: int) -> ApiToken:
    """Lock one token."""
    return lock_one(ctx, ApiToken.objects.all(), token_id)


def lock_open_assignments(ctx: Context, user_id: int) -> list[RoleAssignment]:
    """Lock the roles a person holds."""
    return lock(ctx, RoleAssignment.objects.filter(user_id=user_id, ended_at__isnull=True))
