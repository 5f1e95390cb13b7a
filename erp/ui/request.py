"""From a request to a context: the one place where web and API requests become an operation's
call.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from erp.accounts.queries import actor_for
from erp.accounts.second_factor import refuse_without
from erp.core import clock
from erp.core.actor import Actor
from erp.core.context import Channel, Context, Expected, SigningProof
from erp.core.errors import FieldFault, InvalidInput, NotSignedIn
from erp.core.texts import NUL
from erp.operations import Operation
from erp.operations.door import new_request_id

MOST_OF_KEY = 200
"""Characters of an idempotency key."""
MOST_DIGITS = 18
"""Of a version; no row is changed more often."""


def actor_of(request: Any) -> Actor:
    """Return who acts: the token's actor, or the signed-in person's. Raises ``NotSignedIn``, or
    ``SecondFactorMissing``, which is one: a sign-in that lacks what the role asks for.
    """
    auth = getattr(request, "auth", None)
    if isinstance(auth, Actor):
        return auth
    plain: HttpRequest = getattr(request, "_request", request)
    cached: Actor | None = getattr(plain, "proofline_actor", None)
    if cached is None:
        user: Any = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            raise NotSignedIn
        refuse_without(user)
        cached = actor_for(user)
        plain.proofline_actor = cached  # type: ignore[attr-defined]
    return cached


def address_of(request: Any) -> str | None:
    """Return the address the call came from (``ClientAddress`` looks behind trusted proxies)."""
    return request.META.get("REMOTE_ADDR") or None


def request_id_of(request: Any) -> str:
    """Return the id of this request, shown in error pages and kept in the logs."""
    plain = getattr(request, "_request", request)
    if not hasattr(plain, "request_id"):
        plain.request_id = new_request_id()
    return str(plain.request_id)


def context_of(  # noqa: PLR0913 - what a call may carry
    request: Any,
    channel: Channel,
    *,
    reason: str = "",
    signature: SigningProof | None = None,
    idempotency_key: str | None = None,
    expected: Expected | None = None,
    at: dt.datetime | None = None,
) -> Context:
    """Return the context of a call that came in by this request."""
    return Context(
        actor=actor_of(request),
        channel=channel,
        request_id=request_id_of(request),
        address=address_of(request),
        reason=_kept("reason", reason).strip(),
        signature=signature,
        idempotency_key=_key(idempotency_key or "") or None,
        expected=expected,
        at=at,
    )


def _kept(field: str, text: str) -> str:
    """Return a text that no input has looked at, or refuse what the database cannot keep."""
    if NUL in text:
        raise InvalidInput(faults=[FieldFault(field, gettext("Null characters are not allowed."))])
    return text


def _key(key: str) -> str:
    if len(key) > MOST_OF_KEY:
        said = gettext("At most %(most)s characters.") % {"most": MOST_OF_KEY}
        raise InvalidInput(faults=[FieldFault("idempotency_key", said)])
    return _kept("idempotency_key", key)


def told_time(op: Operation[Any, Any], text: str) -> dt.datetime | None:
    """Return when the caller says it happened, ``None`` for now; a time without a zone is local.

    Raises ``InvalidInput`` for what is no time, and where the operation takes none.
    """
    given = text.strip()
    if not given:
        return None
    try:
        moment = parse_datetime(given)
    except ValueError:
        moment = None
    if moment is None or not clock.thinkable(moment):
        raise InvalidInput(faults=[FieldFault("happened_at", gettext("This is no time."))])
    if not op.tells_time:
        reason = gettext("This happens when it is recorded.")
        raise InvalidInput(faults=[FieldFault("happened_at", reason)])
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def expected_version(op: Operation[Any, Any], pk: object, version: str) -> Expected | None:
    """Return the version the caller says it saw; anything but a whole number is ignored as
    absent.
    """
    text = version.strip().removeprefix("W/").strip('"')
    return (
        Expected(op.subject.lower(), str(pk), int(text))
        if op.subject and text.isdecimal() and len(text) <= MOST_DIGITS
        else None
    )
