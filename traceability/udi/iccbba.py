"""ICCBBA: ISBT 128 data structures of devices that contain human tissue (ST-001, ST-017).

The standard is licensed, so codes are read here and never made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from traceability.udi import dates
from traceability.udi.reading import Element, Issuer, Precision, Reading, Stated
from traceability.udi.terms import Terms, Tolerance

MODULUS, WEIGHT = 37, 2
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
DIN = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9][0-9]{3}[0-9]{2}[0-9]{6}")
DIN_LENGTH, FLAGS = 13, 2
TYPE_3 = 60
"""Flags from here on are a check of the donation number (ST-001, type 3)."""
PROCESSOR = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9][0-9]{3}")
DEVICE = (("fin_processor", 5), ("facility_product_code", 6), ("product_description_code", 5))


def din_check(donation: str) -> int:
    """Return the check value of a donation number, or of a model (ISO 7064, modulo 37-2)."""
    total = 0
    for character in donation:
        total = (total + ALPHABET.index(character)) * WEIGHT % MODULUS
    return (MODULUS + 1 - total) % MODULUS


def din_check_character(donation: str) -> str:
    """Return the check character people see in its box beside a donation number."""
    return ALPHABET[din_check(donation)]


def din_flags(donation: str) -> str:
    """Return the two digits that carry the check value inside a barcode."""
    return str(TYPE_3 + din_check(donation))


def basic_udi_di_check(model: str) -> str:
    """Return the two check digits of a Basic UDI-DI of 16 characters (ST-017, appendix 1)."""
    return f"{din_check(model):02d}"


@dataclass(slots=True)
class _Read:
    """What was read so far."""

    terms: Terms
    parts: dict[str, str] = field(default_factory=dict)
    dates: dict[str, Stated] = field(default_factory=dict)
    elements: list[Element] = field(default_factory=list)
    structures: int = 0


Take = Callable[[str, int, _Read], None]


class Structure(NamedTuple):
    """A data structure: how it begins, its length after that, its name, and how it is kept."""

    begins: str
    length: int
    name: str
    characters: re.Pattern[str]
    take: Take


def read_iccbba(text: str, terms: Terms, symbology: str = "") -> Reading:
    """Read ISBT 128 data structures that stand one after the other."""
    terms.issuer = Issuer.ICCBBA
    read = _Read(terms)
    at = 0
    while at < len(text):
        at = _next(text, at, read)
    _counted(read)
    return Reading(
        issuer=Issuer.ICCBBA,
        form="compound" if "compound_count" in read.parts else "structures",
        text=text,
        canonical=text,
        di=read.parts.get("di", ""),
        lot=read.parts.get("lot", ""),
        serial=read.parts.get("serial", ""),
        dates=read.dates,
        parts=read.parts,
        elements=tuple(read.elements),
        symbology=symbology,
        warnings=tuple(terms.warnings),
    )


def _next(text: str, at: int, read: _Read) -> int:
    """Read the structure that begins at ``at`` and return where the next one begins."""
    structure = next((s for s in STRUCTURES if text.startswith(s.begins, at)), None)
    if structure is None:
        read.terms.refuse("isbt_structure", at, text[at : at + 2])
    begin = at + len(structure.begins)
    value = text[begin : begin + structure.length]
    if structure.name == "lot":
        # The one structure that may be shorter, and then is the last or ends where another begins.
        value = re.split("[=&]", value, maxsplit=1)[0]
    _fits(structure, value, begin, read)
    read.elements.append(Element(structure.begins, value, begin, structure.name))
    read.structures += structure.name != "compound"
    structure.take(value, begin, read)
    return begin + len(value)


def _fits(structure: Structure, value: str, at: int, read: _Read) -> None:
    bad = structure.characters.search(value)
    if bad:
        read.terms.refuse("isbt_character", at + bad.start(), bad[0], part=structure.name)
    short = len(value) < (1 if structure.name == "lot" else structure.length)
    if short:
        read.terms.refuse("isbt_length", at, value, part=structure.name, length=structure.length)


def _compound(value: str, at: int, read: _Read) -> None:
    read.parts["compound_count"] = str(int(value[:2]))
    read.parts["compound_sequence"] = value[2:]


def _counted(read: _Read) -> None:
    """A compound message says how many structures it has; one that lost some is not whole."""
    said = read.parts.get("compound_count")
    if said is not None and int(said) != read.structures:
        read.terms.doubt(
            Tolerance.LENGTH, "isbt_count", 0, said, wanted=said, count=read.structures
        )


def _device(value: str, at: int, read: _Read) -> None:
    read.parts["di"] = value
    start = 0
    for name, length in DEVICE:
        read.parts[name] = value[start : start + length]
        start += length
    if not PROCESSOR.fullmatch(value[:5]):
        read.terms.refuse("isbt_facility", at, value[:5])
    if not (value[11].isalpha() and value[12:].isdigit()):
        read.terms.refuse("isbt_product", at + 11, value[11:])


def _donation(value: str, at: int, read: _Read) -> None:
    if not DIN.match(value):
        read.terms.refuse("isbt_donation", at, value)
    read.parts["donation_id"] = value
    flags = value[DIN_LENGTH:]
    if not flags.isdigit() or int(flags) < TYPE_3:
        return
    wanted = din_flags(value[:DIN_LENGTH])
    if flags != wanted:
        read.terms.doubt(Tolerance.CHECK, "isbt_flags", at + DIN_LENGTH, flags, wanted=wanted)
    read.parts["donation_check"] = din_check_character(value[:DIN_LENGTH])


def _keep(name: str) -> Take:
    def take(value: str, at: int, read: _Read) -> None:
        read.parts[name] = value

    return take


def _date(name: str) -> Take:
    """Read CYYJJJ or CYYJJJHHMM: the digit of the century, year, day of the year, time."""

    def take(value: str, at: int, read: _Read) -> None:
        century = 1900 if value[0] == "9" else 2000 + 100 * int(value[0])
        try:
            stated = dates.day_of_year(century + int(value[1:3]), int(value[3:6]), value, "cyyJJJ")
        except dates.BadDate:
            read.terms.refuse("day_of_year", at + 3, value[3:6])
        if len(value) > 6:  # noqa: PLR2004 - with a time
            stated = _timed(stated, value, at, read)
        read.dates[name] = stated

    return take


def _timed(stated: Stated, value: str, at: int, read: _Read) -> Stated:
    if int(value[6:8]) > dates.LAST_HOUR:
        read.terms.refuse("hour", at + 6, value[6:8])
    if int(value[8:]) > dates.LAST_MINUTE:
        read.terms.refuse("minute", at + 8, value[8:])
    time = f"{value[6:8]}:{value[8:]}"
    return dates.at_time(stated, value, "cyyJJJHHmm", time, Precision.MINUTE)


NOT_DIGIT = re.compile("[^0-9]")
NOT_CAPITAL = re.compile("[^0-9A-Z]")
NOT_PRINTED = re.compile("[^!-~]")

STRUCTURES = (
    Structure("=+", 5, "compound", NOT_DIGIT, _compound),
    Structure("=/", 16, "di", NOT_CAPITAL, _device),
    Structure("=,", 6, "serial", NOT_CAPITAL, _keep("serial")),
    Structure("=>", 6, "expiry", NOT_DIGIT, _date("expiry")),
    Structure("&>", 10, "expiry", NOT_DIGIT, _date("expiry")),
    Structure("=}", 6, "manufactured", NOT_DIGIT, _date("manufactured")),
    Structure("&}", 10, "manufactured", NOT_DIGIT, _date("manufactured")),
    Structure("=*", 6, "collected", NOT_DIGIT, _date("collected")),
    Structure("&*", 10, "collected", NOT_DIGIT, _date("collected")),
    Structure("&,1", 18, "lot", NOT_CAPITAL, _keep("lot")),
    Structure("=<", 8, "product", NOT_CAPITAL, _keep("product")),
    Structure("=%", 4, "blood_group", NOT_PRINTED, _keep("blood_group")),
    Structure("=", DIN_LENGTH + FLAGS, "donation_id", NOT_CAPITAL, _donation),
)
"""The longer beginnings first: a donation number begins with ``=`` alone."""
