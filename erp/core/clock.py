"""Time, in one place, always aware and always UTC inside."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """Return the present instant in UTC."""
    return timezone.now()


def today() -> dt.date:
    """Return today's date in the installation's time zone."""
    return timezone.localdate()


def offset_of(moment: dt.datetime) -> str:
    """Return the zone offset of ``moment`` as ``±hh:mm`` (EPCIS ``eventTimeZoneOffset``)."""
    local = timezone.localtime(moment) if moment.tzinfo is dt.UTC else moment
    delta = local.utcoffset() or dt.timedelta()
    sign = "-" if delta < dt.timedelta() else "+"
    minutes = abs(int(delta.total_seconds())) // 60
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
