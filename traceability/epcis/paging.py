"""Page tokens: where the next page begins, signed, for an hour, and only for the same question."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.utils.translation import gettext as _

from erp.core import clock
from traceability.epcis.errors import BadParameter

LIFETIME = dt.timedelta(hours=1)
PER_PAGE = 30
MOST_PER_PAGE = 1000
SALT = "epcis.page"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: the sort value and id of the event before it, how many came before."""

    value: str
    pk: int
    before: int


def token_of(question: str, place: Place) -> str:
    """Return the token that continues this question after ``place``."""
    body = [_digest(question), place.value, place.pk, place.before]
    return signing.dumps(body, salt=SALT, compress=True)


def place_of(question: str, token: str) -> Place | None:
    """Return where a token continues, ``None`` without one; raise where it is not good any more."""
    if not token:
        return None
    try:
        body: list[Any] = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature as error:
        raise _refused(_("it has ended or was changed; start from the first page")) from error
    if body[0] != _digest(question):
        raise _refused(_("it belongs to another query"))
    if cache.get(_key(token)):
        raise _refused(_("it was given up"))
    return Place(*body[1:])


def expires() -> dt.datetime:
    """Return when a token made now ends."""
    return clock.now() + LIFETIME


def give_up(token: str) -> None:
    """Make a token unusable; an unknown one is no mistake."""
    cache.set(_key(token), 1, int(LIFETIME.total_seconds()))


def size_of(text: str) -> int:
    """Return how many results a page has (``perPage``)."""
    if not text:
        return PER_PAGE
    if not (text.isascii() and text.isdecimal()) or not text.strip("0"):
        raise BadParameter(name="perPage", reason=f"1 … {MOST_PER_PAGE}")
    # The standard lets a server return fewer than were asked for, never an error for asking.
    return min(int(text.lstrip("0")[: len(str(MOST_PER_PAGE)) + 1]), MOST_PER_PAGE)


def _refused(reason: str) -> BadParameter:
    return BadParameter(name="nextPageToken", reason=reason)


def _digest(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:16]


def _key(token: str) -> str:
    return f"epcis-token:{hashlib.sha256(token.encode()).hexdigest()}"
