"""Timetables of subscriptions: like cron, to the second, in the installation's time zone.

A part is a number, a range ``[1-5]``, or several joined by commas. A part that is not given means
any value; the second means 0, so that ``{"hour": "1", "minute": "5"}`` is once a day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

from django.utils import timezone

PARTS = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "dayOfMonth": (1, 31),
    "month": (1, 12),
    "dayOfWeek": (1, 7),
}
LOOKED_BACK = dt.timedelta(days=8)
_ELEMENT = re.compile(r"(\d{1,2})|\[(\d{1,2})-(\d{1,2})\]", re.ASCII)

Timetable = Mapping[str, frozenset[int]]


def read(schedule: Mapping[str, object]) -> Timetable:
    """Return the values each part allows; raise ``ValueError`` naming the part that is wrong."""
    unknown = set(schedule) - set(PARTS)
    if unknown or not schedule:
        raise ValueError(", ".join(sorted(unknown)) or ", ".join(PARTS))
    table = {}
    for part, (least, most) in PARTS.items():
        if part in schedule:
            table[part] = _values(part, str(schedule[part]), least, most)
    table.setdefault("second", frozenset({0}))
    return table


def _values(part: str, text: str, least: int, most: int) -> frozenset[int]:
    found: set[int] = set()
    for element in text.split(","):
        told = _ELEMENT.fullmatch(element.strip())
        if told is None:
            raise ValueError(f"{part}: {text}")
        low, high = (told[1], told[1]) if told[1] else (told[2], told[3])
        found.update(range(int(low), int(high) + 1))
    if not found or min(found) < least or max(found) > most:
        raise ValueError(f"{part}: {text}")
    return frozenset(found)


def is_due(table: Timetable, after: dt.datetime, now: dt.datetime) -> bool:
    """Tell whether a moment of the timetable lies after ``after`` and not after ``now``."""
    return any(after < moment <= now for moment in _moments(table, after, now))


def _moments(table: Timetable, after: dt.datetime, now: dt.datetime) -> Iterator[dt.datetime]:
    """Yield the moments between the two, newest first, minute by minute."""
    begin = max(after, now - LOOKED_BACK)
    minute = now.replace(second=0, microsecond=0)
    while minute >= begin.replace(second=0, microsecond=0):
        if _matches(table, timezone.localtime(minute)):
            for second in sorted(table["second"], reverse=True):
                yield minute.replace(second=second)
        minute -= dt.timedelta(minutes=1)


def _matches(table: Timetable, moment: dt.datetime) -> bool:
    told = {
        "minute": moment.minute,
        "hour": moment.hour,
        "dayOfMonth": moment.day,
        "month": moment.month,
        "dayOfWeek": moment.isoweekday(),
    }
    return all(value in table[part] for part, value in told.items() if part in table)
