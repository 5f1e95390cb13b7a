"""What reading a code gives: one form for every issuer.

A reading says who issued the identifier, the device identifier (DI), what the production identifier
(PI) says, and how sure that is. Dates are never bare: a label that names only a month says so
(``precision``), and who decides on it chooses the day (``last`` for an expiry).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from traceability.udi.reasons import expected_of, reason_of

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Issuer(StrEnum):
    """Whose rules a code follows. GS1 China is GS1."""

    GS1 = "GS1"
    HIBCC = "HIBCC"
    ICCBBA = "ICCBBA"
    MA = "MA"
    AHM = "AHM"
    NONE = ""
    """Nobody's: plain text out of a barcode."""


class Precision(StrEnum):
    """How much of a date the label says."""

    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


class Stated(NamedTuple):
    """A date as a label states it.

    ``first`` and ``last`` are the same day, unless only a month was stated. ``time`` is
    ``HH:MM[:SS]``, without a zone, because labels have none (HIBC means GMT).
    """

    raw: str
    format: str
    precision: Precision
    first: dt.date
    last: dt.date
    time: str = ""

    @property
    def value(self) -> str:
        """Return ISO 8601, no more of it than was stated."""
        if self.precision is Precision.MONTH:
            return self.first.isoformat()[:7]
        return self.first.isoformat() + (f"T{self.time}" if self.time else "")

    def as_json(self) -> dict[str, str]:
        """Return the date for the API."""
        return {
            "raw": self.raw,
            "format": self.format,
            "value": self.value,
            "precision": self.precision,
            "first_day": self.first.isoformat(),
            "last_day": self.last.isoformat(),
        }


class Element(NamedTuple):
    """One element as the issuer names it: its identifier, value and where the value stands."""

    code: str
    value: str
    position: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or doubtful, and where: ``position`` counts characters from 1.

    ``tolerance`` names what a caller may permit to have the code read in spite of it.
    """

    fault: str
    position: int
    found: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    tolerance: str = ""

    @property
    def reason(self) -> str:
        """Say in words what is wrong, in the reader's language."""
        return reason_of(self.fault) % self.facts

    @property
    def expected(self) -> str:
        """Say in words what should stand there."""
        return expected_of(self.fault) % self.facts

    def as_json(self) -> dict[str, object]:
        """Return the finding for the API."""
        return {
            "fault": self.fault,
            "position": self.position,
            "found": self.found,
            "reason": self.reason,
            "expected": self.expected,
            "tolerance": self.tolerance,
        }


class Reading(NamedTuple):
    """A code that was read.

    ``di`` is what registries and master data compare: a GTIN of 14 digits; for HIBC the labeller,
    product and unit without ``+`` and check character; the 16 characters of ICCBBA. ``parts`` are
    the issuer's own parts by name. ``canonical`` is the one spelling of this content.
    """

    issuer: Issuer
    form: str
    text: str
    canonical: str
    di: str = ""
    lot: str = ""
    serial: str = ""
    dates: Mapping[str, Stated] = NOTHING
    quantity: int | None = None
    parts: Mapping[str, str] = NOTHING
    elements: tuple[Element, ...] = ()
    symbology: str = ""
    warnings: tuple[Finding, ...] = ()

    @property
    def expiry(self) -> Stated | None:
        """Return when the product expires."""
        return self.dates.get("expiry")

    @property
    def manufactured(self) -> Stated | None:
        """Return when it was made."""
        return self.dates.get("manufactured")

    @property
    def ais(self) -> dict[str, str]:
        """Return the GS1 application identifiers with their values; none for other issuers."""
        if self.issuer is not Issuer.GS1:
            return {}
        return {element.code: element.value for element in self.elements}

    def as_json(self) -> dict[str, object]:
        """Return the reading for the API."""
        return {
            "valid": True,
            "issuer": self.issuer,
            "form": self.form,
            "symbology": self.symbology,
            "canonical": self.canonical,
            "di": self.di or None,
            "lot": self.lot or None,
            "serial": self.serial or None,
            "expiry": self.expiry.as_json() if self.expiry else None,
            "manufactured": self.manufactured.as_json() if self.manufactured else None,
            "dates": {name: date.as_json() for name, date in self.dates.items()},
            "quantity": self.quantity,
            "parts": dict(self.parts),
            "ais": self.ais,
            "elements": [element._asdict() for element in self.elements],
            "warnings": [finding.as_json() for finding in self.warnings],
        }
