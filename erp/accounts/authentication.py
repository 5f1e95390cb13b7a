"""How people and machines prove who they are: a password with lock-out, or a token with scopes.

Both answer every wrong proof in the same way and in about the same time, so that nobody learns from
a refusal which part of it was wrong.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from erp.accounts.models import ApiToken, SecurityEvent, User
from erp.accounts.queries import actor_for
from erp.accounts.security import burn_time, is_locked, note
from erp.core import clock
from erp.core.actor import Actor

KEYWORD = b"bearer"
READ = "read"
"""The scope that lets a token read; every other scope is the code of an operation."""

PREFIX_LENGTH = 12
_TOKEN_PARTS = 2


class LockingBackend(BaseBackend):
    """User name and password; closed for a name after too many failures (21 CFR 11.300(d))."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_credentials: Any,
    ) -> User | None:
        """Return the person, or ``None`` for any wrong, locked, inactive or machine account."""
        if not username or not password:
            return None
        # User names are ASCII. To the database other letters may be the same as theirs (U+0131),
        # to the count of failures they are not: such a twin would be one more row of guesses.
        found = User.objects.filter(username__iexact=username)
        user = found.first() if username.isascii() else None
        if user is None or is_locked(username):
            burn_time(password)
            return None
        proved = check_password(password, user.password)
        return user if proved and may_sign_in(user) else None

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session; deactivation ends every session at its next request."""
        # With the home site, because its time zone is asked for at every page.
        user = User.objects.select_related("home_site").filter(pk=user_id).first()
        return user if user is not None and may_sign_in(user) else None


def may_sign_in(user: User) -> bool:
    """Tell whether this account may use the web pages: an active person, never a machine."""
    return user.is_active and not user.is_service


def digest_of(token: str) -> str:
    """Return what is kept of a token: its SHA-256. A token is random, so it needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``; the actor may do what the token's scopes allow."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """Return user and actor; ``None`` when no bearer token was sent."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD:
            return None
        text = words[1].decode("ascii", "replace") if len(words) == _TOKEN_PARTS else ""
        token = find_token(text)
        if token is None:
            raise self._refused(request, text)
        scopes = frozenset(str(scope) for scope in token.scopes)
        if request.method in SAFE_METHODS and READ not in scopes:
            raise self._reading_refused(request, token)
        actor = actor_for(token.user, scopes=scopes)
        request._request.actor = actor  # type: ignore[attr-defined]
        return token.user, actor

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge that makes a refusal a 401."""
        return "Bearer"

    def _refused(self, request: Request, text: str) -> AuthenticationFailed:
        note(
            SecurityEvent.Kind.TOKEN_REFUSED,
            detail={"prefix": text[:PREFIX_LENGTH]},
            **_where(request),
        )
        return AuthenticationFailed(_("This token is not accepted."))

    def _reading_refused(self, request: Request, token: ApiToken) -> PermissionDenied:
        note(
            SecurityEvent.Kind.TOKEN_REFUSED,
            username=token.user.username,
            user_id=token.user_id,
            code=READ,
            detail={"prefix": token.prefix},
            **_where(request),
        )
        return PermissionDenied(_("This token may not read."))


def find_token(text: str) -> ApiToken | None:
    """Return the usable token with this text: known, unexpired, unrevoked, its account active."""
    digest = digest_of(text)
    token = ApiToken.objects.select_related("user").filter(prefix=text[:PREFIX_LENGTH]).first()
    kept = token.digest if token is not None else digest_of("")
    same = hmac.compare_digest(digest, kept)
    if token is None or not same or not text:
        return None
    alive = token.revoked_at is None and token.expires_at > clock.now() and token.user.is_active
    return token if alive else None


def _where(request: Request) -> dict[str, Any]:
    return {
        "channel": "api",
        "address": request.META.get("REMOTE_ADDR") or None,
        "request_id": getattr(request, "request_id", ""),
    }
