"""The coupon codes of North America (AI 8110 and 8112): strings of lengths and values.

No device carries one; they are here because a scanner at goods-in meets them, and what is read at
all is read by its rules.
"""

from __future__ import annotations

from traceability.udi.dates import LAST_MONTH, days_of, full_year

Trouble = tuple[str, int, str]
"""The fault, where, and the part of the coupon it is in."""
DATE = 6


class _Walk:
    """A walk through a coupon, part by part; raises ``_Stopped`` at the first wrong one."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.at = 0

    def rest(self) -> bool:
        return self.at < len(self.value)

    def option(self, digit: str) -> bool:
        """Step over the digit that opens an optional field, if it is there."""
        if self.value[self.at : self.at + 1] != digit:
            return False
        self.at += 1
        return True

    def one_of(self, allowed: str, part: str) -> str:
        found = self.value[self.at : self.at + 1]
        if not found:
            raise _Stopped("coupon_missing", self.at, part)
        if found not in allowed:
            raise _Stopped("coupon_value", self.at, part)
        self.at += 1
        return found

    def take(self, size: int, part: str) -> str:
        found = self.value[self.at : self.at + size]
        if len(found) < size:
            raise _Stopped("coupon_short", self.at, part)
        self.at += size
        return found

    def sized(self, allowed: str, part: str, more: int = 0) -> None:
        """Take a part that says its own length first."""
        self.take(int(self.one_of(allowed, part)) + more, part)

    def end(self) -> None:
        if self.rest():
            raise _Stopped("coupon_excess", self.at, "")


class _Stopped(Exception):
    def __init__(self, fault: str, at: int, part: str) -> None:
        super().__init__(fault)
        self.trouble: Trouble = (fault, at, part)


def coupon(value: str, year: int) -> Trouble | None:
    """Return what is wrong with the coupon of AI 8110, or ``None``."""
    try:
        _coupon(value, year)
    except _Stopped as stopped:
        return stopped.trouble
    return None


def positive_offer(value: str) -> Trouble | None:
    """Return what is wrong with the offer of AI 8112, or ``None``."""
    try:
        walk = _digits(value)
        walk.one_of("01", "format")
        walk.sized("0123456", "funder", 6)
        walk.take(6, "offer")
        walk.sized("0123456789", "serial", 6)
        walk.end()
    except _Stopped as stopped:
        return stopped.trouble
    return None


def _digits(value: str) -> _Walk:
    bad = next((i for i, c in enumerate(value) if not c.isdigit()), None)
    if bad is not None:
        raise _Stopped("coupon_value", bad, "")
    return _Walk(value)


def _coupon(value: str, year: int) -> None:
    walk = _digits(value)
    walk.sized("0123456", "company", 6)
    walk.take(6, "offer")
    walk.sized("12345", "save value")
    walk.sized("12345", "first purchase requirement")
    walk.one_of("012349", "first purchase code")
    walk.take(3, "first purchase family")
    if walk.option("1"):
        walk.one_of("0123", "additional purchase rules")
        _purchase(walk, "second purchase")
    if walk.option("2"):
        _purchase(walk, "third purchase")
    _period(walk, year)
    if walk.option("5"):
        walk.sized("0123456789", "serial", 6)
    if walk.option("6"):
        walk.sized("1234567", "retailer", 6)
    if walk.option("9"):
        walk.one_of("01256", "save value code")
        walk.one_of("012", "save value applies to")
        walk.take(1, "store coupon")
        walk.one_of("01", "do not multiply")
    walk.end()


def _purchase(walk: _Walk, part: str) -> None:
    walk.sized("12345", part)
    walk.one_of("012349", part)
    walk.take(3, part)
    size = walk.one_of("01234569", part)
    if size != "9":  # nine says that no company is named
        walk.take(int(size) + 6, part)


def _period(walk: _Walk, year: int) -> None:
    expires = _date(walk, year, "expiration date") if walk.option("3") else ""
    begun = walk.at
    starts = _date(walk, year, "start date") if walk.option("4") else ""
    if expires and starts > expires:
        raise _Stopped("coupon_value", begun, "start date")


def _date(walk: _Walk, year: int, part: str) -> str:
    begun = walk.at
    date = walk.take(DATE, part)
    month, day = int(date[2:4]), int(date[4:])
    exists = 1 <= month <= LAST_MONTH and 1 <= day <= days_of(full_year(int(date[:2]), year), month)
    if not exists:
        raise _Stopped("coupon_value", begun, part)
    return date
