"""What the tests of the readers share."""

from __future__ import annotations

import pytest

from traceability.udi import Finding, Issuer, Level, Reading, UdiRefused, parse

YEAR = 2026
"""The year the tests read in: two-digit years mean the same whenever they run."""


def read(text: str, *, level: Level = Level.CARRIER, issuer: Issuer | None = None) -> Reading:
    """Read strictly."""
    return parse(text, level=level, issuer=issuer, year=YEAR)


def leniently(text: str, *, issuer: Issuer | None = None) -> Reading:
    """Read with everything doubtful let pass."""
    return parse(text, strict=False, issuer=issuer, year=YEAR)


def refusal(text: str, *, level: Level = Level.CARRIER, issuer: Issuer | None = None) -> Finding:
    """Return why a text is refused; that it is read is a failure."""
    with pytest.raises(UdiRefused) as caught:
        read(text, level=level, issuer=issuer)
    return caught.value.finding


def fault(text: str, *, level: Level = Level.CARRIER) -> tuple[str, int]:
    """Return the fault of a refused text and its position."""
    found = refusal(text, level=level)
    return found.fault, found.position
