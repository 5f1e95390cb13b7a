"""Ends a session that nobody used for a while, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from erp.accounts.models import SecurityEvent, User
from erp.accounts.security import note

SEEN = "seen_at"
SEEN_EVERY = 60
"""Seconds after which a session notes again that it is in use: a page that is only read then costs
no write. A session may so end up to a minute early, never late.
"""
IDLE = "idle"

Answer = Callable[[HttpRequest], HttpResponse]


class IdleTimeout:
    """Signs out after ``SESSION_IDLE_SECONDS`` without a request; stands after messages.

    The end is a row of the access log (11.200(a)(1)(i): the bounds of a session are known), and the
    sign-in page says why it appeared.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """End an idle session before anything sees its person."""
        if isinstance(request.user, User):
            now = int(time.time())
            seen = request.session.get(SEEN, 0)
            if seen and now - seen > settings.SESSION_IDLE_SECONDS:
                _end(request, request.user)
            elif now - seen >= SEEN_EVERY:
                request.session[SEEN] = now
        return self.get_response(request)


def _end(request: HttpRequest, user: User) -> None:
    note(
        SecurityEvent.Kind.SIGNED_OUT,
        username=user.username.lower(),
        user_id=user.pk,
        code=IDLE,
        channel="web",
        address=request.META.get("REMOTE_ADDR") or None,
        request_id=getattr(request, "request_id", ""),
    )
    # Not Django's logout(): its signal of a deliberate sign-out would write a second row.
    request.session.flush()
    request.user = AnonymousUser()
    messages.info(
        request,
        _("You were signed out because nothing happened for %(minutes)s minutes. Sign in to go on.")
        % {"minutes": settings.SESSION_IDLE_SECONDS // 60},
    )
