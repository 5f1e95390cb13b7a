"""The serial shipping container code (GS1, AI 00): 18 digits, the last one checks the others."""

from __future__ import annotations

from traceability.udi.check_digits import mod10

LENGTH = 18
_WIDTH = LENGTH - 1
SHORTEST, LONGEST = 4, 12
"""Digits a GS1 company prefix can have."""


def is_right(sscc: str) -> bool:
    """Tell whether this is an SSCC whose check digit fits."""
    whole = len(sscc) == LENGTH and sscc.isascii() and sscc.isdecimal()
    return whole and mod10(sscc[:-1]) == sscc[-1]


def expected_check_digit(sscc: str) -> str:
    """Return the check digit an 18-digit number should have."""
    return mod10(sscc[:_WIDTH])


def make(prefix: str, year: int, number: int) -> str:
    """Return our SSCC of a running number of a year; raises ``ValueError`` when they are used up.

    The reference holds two digits of the year, so that no code comes again while goods under an
    earlier one may still be under way.
    """
    width = _WIDTH - 1 - len(prefix) - 2
    running = str(number).rjust(width, "0")
    if len(running) > width:
        raise ValueError("no numbers left this year")
    body = f"0{prefix}{year % 100:02d}{running}"
    return body + mod10(body)
