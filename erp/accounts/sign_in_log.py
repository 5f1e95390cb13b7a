"""Writes the access log when Django's sign-in machinery speaks."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from erp.accounts.errors import LockedOut
from erp.accounts.models import SecurityEvent, User
from erp.accounts.security import is_locked, note, note_failure

Kind = SecurityEvent.Kind


def _where(request: HttpRequest | None) -> dict[str, Any]:
    if request is None:
        return {}
    return {
        "channel": "web",
        "address": request.META.get("REMOTE_ADDR") or None,
        "request_id": getattr(request, "request_id", ""),
    }


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    """Record a successful sign-in."""
    note(Kind.SIGNED_IN, username=user.username.lower(), user_id=user.pk, **_where(request))


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    """Record a sign-out."""
    if user is not None:
        note(Kind.SIGNED_OUT, username=user.username.lower(), user_id=user.pk, **_where(request))


@receiver(user_login_failed)
def note_sign_in_failure(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """Record a failed sign-in under the name that was tried.

    While a name is locked its attempts are refusals, not failures: they do not prolong the lock, or
    anybody could keep a colleague out for good.
    """
    name = str(
        credentials.get("username") or credentials.get("email") or credentials.get("login") or ""
    )
    if is_locked(name):
        note(Kind.REFUSED, username=name.lower(), code=LockedOut.code, **_where(request))
        return
    note_failure(Kind.SIGN_IN_FAILED, name, **_where(request))
