"""On which terms a code is read: how strictly, in which year; and what was found on the way."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import NoReturn

from traceability.udi.errors import UdiRefused
from traceability.udi.reading import Finding, Issuer


class Tolerance(StrEnum):
    """What a caller may let pass with a warning. Strict reading lets nothing of it pass."""

    CHECK = "check"
    """A wrong check digit, check character or link character: a misprint, or another product."""
    CASE = "case"
    """Small letters where the issuer knows only capitals."""
    SPACE = "space"
    """Spaces between elements, as people type them."""
    LENGTH = "length"
    """A part longer or shorter than the issuer allows."""
    UNKNOWN = "unknown"
    """An application identifier the dictionary does not have."""
    ALPHA = "alpha"
    """Words for keys in a digital link (``gtin``, ``lot``), which GS1 has withdrawn."""
    PLACE = "place"
    """A qualifier of a digital link among its query parameters."""


LENIENT: frozenset[Tolerance] = frozenset(Tolerance)
STRICT: frozenset[Tolerance] = frozenset()


class Level(StrEnum):
    """How much of GS1's rules about elements that go together is asked.

    GS1 asks them of all barcodes of one item together, and a reader sees one at a time. So by
    default (``CARRIER``) what a barcode lacks is refused only where it carries the key of its item
    itself, and is a warning where the key must stand in another barcode of the label.
    """

    PARSE = "parse"
    CARRIER = "carrier"
    ASSOCIATION = "association"


class Terms:
    """The terms of one reading, and its warnings.

    Readers count positions from 0 in the text they were given; ``offset`` and ``shifts`` turn that
    into a place in what was scanned, where the symbology identifier stood before it and a
    substitute may have been longer than the FNC1 it stood for.
    """

    __slots__ = ("issuer", "level", "offset", "permits", "shifts", "warnings", "year")

    def __init__(self, permits: Collection[Tolerance], level: Level, year: int) -> None:
        self.permits = permits
        self.level = level
        self.year = year
        self.issuer = Issuer.NONE
        self.offset = 0
        self.shifts: list[tuple[int, int]] = []
        self.warnings: list[Finding] = []

    def refuse(self, fault: str, at: int, found: str = "", **facts: object) -> NoReturn:
        """Refuse the code."""
        raise UdiRefused(Finding(fault, self._place(at), found, facts), self.issuer)

    def doubt(
        self, tolerance: Tolerance, fault: str, at: int, found: str = "", **facts: object
    ) -> None:
        """Warn where this is permitted, refuse where not."""
        finding = Finding(fault, self._place(at), found, facts, tolerance.value)
        if tolerance not in self.permits:
            raise UdiRefused(finding, self.issuer)
        self.warnings.append(finding)

    def warn(self, fault: str, at: int, found: str = "", **facts: object) -> None:
        """Note something a person should look at."""
        self.warnings.append(Finding(fault, self._place(at), found, facts))

    def _place(self, at: int) -> int:
        return at + self.offset + sum(extra for start, extra in self.shifts if start < at) + 1
