"""Registers people, service accounts and tokens through the operations, for tests."""

from __future__ import annotations

from typing import Any

from erp.accounts.models import ApiToken, Role, User
from erp.organisation.operations import (
    create_service_account,
    define_role,
    grant_role,
    issue_token,
    register_person,
)
from tests.conftest import ctx_for

FIRST = "blue kettle on the shelf"


def newcomer(admin: User, username: str = "eve", **more: Any) -> User:
    """Register a person with a first password."""
    values = {
        "username": username,
        "name": "Eve Miller",
        "password": FIRST,
        "may_sign": True,
        "identity_checked": "passport, Ada, 2026-01-05",
        **more,
    }
    made: User = register_person(ctx_for(admin), **values)
    return made


def role_with(admin: User, *codes: str, code: str = "packers") -> Role:
    """Define a role with these operations."""
    made: Role = define_role(
        ctx_for(admin, reason="new work"),
        code=code,
        name=code.title(),
        description="",
        permissions=list(codes),
    )
    return made


def machine(admin: User, *codes: str, username: str = "mes-line-1") -> User:
    """Create a service account that holds these operations everywhere."""
    user: User = create_service_account(ctx_for(admin), username=username, name="MES line 1")
    role = role_with(admin, *codes, code=f"role-{username}")
    grant_role(ctx_for(admin, reason="interface"), user_id=user.pk, role_id=role.pk)
    return user


def token_text(admin: User, user: User, *scopes: str, days: int = 30) -> str:
    """Issue a token and return its text, which the operation shows once."""
    token: ApiToken = issue_token(
        ctx_for(admin), user_id=user.pk, name="line 1", scopes=list(scopes) or ["read"], days=days
    )
    return str(token.text)  # type: ignore[attr-defined]
