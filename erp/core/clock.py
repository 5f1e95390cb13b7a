"""Time, in one place, always aware and always UTC inside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_told: ContextVar[dt.datetime | None] = ContextVar("told", default=None)


def now() -> dt.datetime:
    """Return the present instant in UTC, or the one being told (:func:`telling`)."""
    return _told.get() or timezone.now()


def today() -> dt.date:
    """Return today's date in the installation's time zone."""
    return timezone.localdate(now(), timezone.get_default_timezone())


@contextmanager
def telling(moment: dt.datetime) -> Iterator[None]:
    """Act as at an earlier moment: for the demonstration plant and for replays.

    Only what the application says changes. Record times, history and seals are stamped by the
    database and stay true, so a told past can always be told from a lived one.
    """
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


FIRST_YEAR, LAST_YEAR = 1900, 2999
"""Years in which something may be said to have happened. At the ends of the calendar no day can be
added and no zone applied."""


def thinkable(day: dt.date) -> bool:
    """Tell whether a day or an instant lies in years in which something can happen."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def offset_of(moment: dt.datetime) -> str:
    """Return the zone offset of ``moment`` as ``±hh:mm`` (EPCIS ``eventTimeZoneOffset``)."""
    delta = moment.utcoffset() or dt.timedelta()
    sign = "-" if delta < dt.timedelta() else "+"
    minutes = abs(int(delta.total_seconds())) // 60
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def local_text(moment: dt.datetime, offset: str) -> str:
    """Return an instant as the clock of somebody at this offset showed it, with the offset (21 CFR
    11.50(a)(2)).
    """
    hours, minutes = offset[1:].split(":")
    sign = -1 if offset.startswith("-") else 1
    zone = dt.timezone(sign * dt.timedelta(hours=int(hours), minutes=int(minutes)))
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S} {offset}"
