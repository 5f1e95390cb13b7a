"""The production identifier of a lot or unit, and the whole UDI: one way of writing, for labels,
for people and for the record. Pure functions.

GS1: elements of predefined length first, a separator (FNC1, sent as ASCII 29) after an element of
variable length unless it is the last (GS1 General Specifications). HIBC: ``$$`` forms of ANSI/HIBC
2.6. The layouts of the other issuers are licensed or were not confirmed at their source, so for
them nothing is encoded: people read the production identifier in words.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from traceability.identifiers.errors import NotWritable
from traceability.udi.check_digits import mod43

FNC1 = "\x1d"
GS1_NUMBER = re.compile(r"""^[A-Za-z0-9!"%&'()*+,\-./:;<=>?_]{1,20}$""")
"""GS1 character set 82, and the length of a lot (10) and a serial number (21)."""
HIBC_NUMBER = re.compile(r"^[A-Z0-9\-.]{1,18}$")
"""No space, ``$``, ``/``, ``+`` or ``%``: readers of a HIBC code take these for separators."""

ENCODED = ("GS1", "HIBCC")
"""Issuers whose whole UDI is written by :func:`element_string`."""


@dataclass(frozen=True, slots=True)
class Production:
    """What is known of how a lot or unit was made. A unit has a serial and may have a lot."""

    lot: str = ""
    serial: str = ""
    made: dt.date | None = None
    expires: dt.date | None = None


def production_identifier(issuer: str, production: Production) -> str:
    """Return the PI as people read it: ``(11)…(17)…(10)…(21)…`` by GS1 and where no issuer is
    known, ``$$…`` by HIBCC, words otherwise.
    """
    if issuer == "HIBCC":
        return _hibc(production)
    if issuer in ("GS1", ""):
        return "".join(f"({ai}){value}" for ai, value in _gs1(production))
    return _words(production)


def human_readable(issuer: str, di: str, production: Production) -> str:
    """Return the whole UDI as it stands beside the symbol (21 CFR 801.40(a)(1))."""
    if issuer == "GS1":
        return f"(01){di}{production_identifier(issuer, production)}"
    if issuer == "HIBCC":
        return element_string(issuer, di, production)
    return " ".join(part for part in (di, _words(production)) if part)


def element_string(issuer: str, di: str, production: Production) -> str:
    """Return the text of the symbol; raises ``NotWritable`` naming every part that does not fit.

    GS1: without the leading FNC1, which the symbol itself carries. HIBC: flag to check character.
    """
    refuse_unwritable(issuer, production)
    if issuer == "HIBCC":
        data = _hibc(production)
        body = f"+{di}/{data}" if data else f"+{di}"
        return body + mod43(body)
    elements = [("01", di), *_gs1(production)]
    last = len(elements) - 1
    return "".join(
        f"{ai}{value}{FNC1 if ai in ('10', '21') and n < last else ''}"
        for n, (ai, value) in enumerate(elements)
    )


def refuse_unwritable(issuer: str, production: Production) -> None:
    """Raise ``NotWritable`` where the issuer's symbol cannot hold the numbers of a lot or unit."""
    if issuer not in ENCODED:
        raise NotWritable(issuer=issuer, parts=issuer)
    fits = HIBC_NUMBER if issuer == "HIBCC" else GS1_NUMBER
    bad = [n for n in (production.lot, production.serial) if n and not fits.match(n)]
    if bad:
        raise NotWritable(issuer=issuer, parts=", ".join(bad))


def _gs1(production: Production) -> list[tuple[str, str]]:
    parts = [
        ("11", f"{production.made:%y%m%d}" if production.made else ""),
        ("17", f"{production.expires:%y%m%d}" if production.expires else ""),
        ("10", production.lot),
        ("21", production.serial),
    ]
    return [(ai, value) for ai, value in parts if value]


def _hibc(production: Production) -> str:
    """Return lot or serial after its date; what has no place there follows as a supplement."""
    lot, serial, made, expires = (
        production.lot,
        production.serial,
        production.made,
        production.expires,
    )
    if not (lot or serial or made or expires):
        return ""
    date = f"3{expires:%y%m%d}" if expires else "7"
    main = f"$${date}{lot}" if lot or not serial else f"$$+{date}{serial}"
    more = [f"/S{serial}" if lot and serial else "", f"/16D{made:%Y%m%d}" if made else ""]
    return main + "".join(more)


def _words(production: Production) -> str:
    """Return the PI in the abbreviations of ISO 15223-1, dates as 21 CFR 801.18 writes them."""
    parts = [
        ("LOT", production.lot),
        ("SN", production.serial),
        ("MFD", f"{production.made:%Y-%m-%d}" if production.made else ""),
        ("EXP", f"{production.expires:%Y-%m-%d}" if production.expires else ""),
    ]
    return " ".join(f"{word} {value}" for word, value in parts if value)
