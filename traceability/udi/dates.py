"""Dates as labels write them: two-digit years, months without a day, days of the year."""

from __future__ import annotations

import datetime as dt
from calendar import isleap

from traceability.udi.reading import Precision, Stated

CENTURY = 100
PAST, FUTURE = 51, -50
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
FEBRUARY = 2
LAST_MONTH, LAST_HOUR, LAST_MINUTE = 12, 23, 59


class BadDate(ValueError):
    """A date that does not exist: which part, and where in the text of the date."""

    def __init__(self, fault: str, at: int) -> None:
        super().__init__(fault)
        self.fault = fault
        self.at = at


def full_year(two: int, year: int) -> int:
    """Return the year that two digits mean in ``year``.

    The nearest one: 51 years or more ahead means the century before, 50 or more behind the one
    after (GS1 General Specifications 7.12; HIBC and others give no rule, so theirs are read alike).
    """
    century, present = year - year % CENTURY, year % CENTURY
    ahead = two - present
    if ahead >= PAST:
        return century - CENTURY + two
    return century + CENTURY + two if ahead <= FUTURE else century + two


def days_of(year: int, month: int) -> int:
    """Return how many days a month has."""
    return 29 if month == FEBRUARY and isleap(year) else DAYS[month - 1]


def day(year: int, month: int, of_month: int, raw: str, form: str) -> Stated:
    """Return a day that exists."""
    only = dt.date(year, month, of_month)
    return Stated(raw, form, Precision.DAY, only, only)


def month(year: int, number: int, raw: str, form: str) -> Stated:
    """Return a month: from its first to its last day."""
    first = dt.date(year, number, 1)
    last = dt.date(year, number, days_of(year, number))
    return Stated(raw, form, Precision.MONTH, first, last)


def checked(year: int, number: int, of_month: int, at: tuple[int, int]) -> None:
    """Raise ``BadDate`` where there is no such month or day; ``at`` is where the two stand."""
    if not 1 <= number <= LAST_MONTH:
        raise BadDate("month", at[0])
    if not 1 <= of_month <= days_of(year, number):
        raise BadDate("day", at[1])


def day_of_year(year: int, number: int, raw: str, form: str) -> Stated:
    """Return the day with this number in its year (YYJJJ)."""
    if not 1 <= number <= (dt.date(year, 12, 31) - dt.date(year - 1, 12, 31)).days:
        raise BadDate("day_of_year", len(raw) - 3)
    only = dt.date(year, 1, 1) + dt.timedelta(number - 1)
    return Stated(raw, form, Precision.DAY, only, only)


def at_time(stated: Stated, raw: str, form: str, time: str, precision: Precision) -> Stated:
    """Return the same day with a time."""
    return Stated(raw, form, precision, stated.first, stated.last, time)
