"""How django-allauth behaves here: nobody signs up, lock-out is ours, languages are kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from erp.accounts.errors import LockedOut
from erp.accounts.models import SecurityEvent, User
from erp.accounts.security import WINDOW, is_locked, note


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People are registered by an operation; everything else of allauth is used as it is."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: an account is given to an identified person (21 CFR 11.100(b))."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a locked name, known or not, with a sentence that says for how long."""
        super().pre_authenticate(request, **credentials)
        username = str(credentials.get("username") or "")
        if username and is_locked(username):
            address = request.META.get("REMOTE_ADDR") or None
            note(
                SecurityEvent.Kind.REFUSED,
                username=username.lower(),
                code=LockedOut.code,
                channel="web",
                address=address,
                request_id=getattr(request, "request_id", ""),
            )
            raise ValidationError(LockedOut(minutes=int(WINDOW.total_seconds() // 60)).detail)

    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse:
        """Go on in the person's own language, from the first page on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        # A language chosen before signing in is meant; it stays.
        if isinstance(user, User) and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                user.language,
                samesite="Lax",
            )
        return response

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Refuse: a password is changed by its owner through the operation, which is logged."""
        raise PermissionDenied

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send people whose password somebody else knows to change it first."""
        if isinstance(request.user, User) and request.user.password_is_temporary:
            return reverse("account_change_password")
        return str(super().get_login_redirect_url(request))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go home after a change of password."""
        return str(super().get_login_redirect_url(request))
