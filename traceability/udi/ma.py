"""MA, the identifiers of ZIIOT in China: ``MA.156.M0.100000.10000001.M201231.V221230.LA001``.

Country, sector, registrant and product make the DI; every further part begins with the letter that
tells what it is. The rule of the product code's check digit is not published, so it is not checked.
"""

from __future__ import annotations

import re

from traceability.udi import dates
from traceability.udi.reading import Element, Issuer, Reading, Stated
from traceability.udi.terms import Terms

LEADING = (
    ("country", re.compile(r"[0-9]{3}")),
    ("sector", re.compile(r"[A-Z][0-9A-Z]")),
    ("registrant", re.compile(r"[0-9A-Z]{1,20}")),
    ("product", re.compile(r"[0-9A-Z]{1,20}")),
)
PRODUCT = 8
UNITS = {
    "L": "lot",
    "S": "serial",
    "M": "manufactured",
    "D": "sterilisation_lot",
    "V": "valid_until",
    "E": "expiry",
}
DATED = {"M", "V", "E"}
VALUE = re.compile(r"[0-9A-Za-z\-_/]{1,40}")
SHORT = 6


def read_ma(text: str, terms: Terms, symbology: str = "") -> Reading:
    """Read an MA code."""
    terms.issuer = Issuer.MA
    pieces = text.split(".")
    parts: dict[str, str] = {}
    elements: list[Element] = []
    stated: dict[str, Stated] = {}
    at = len(pieces[0]) + 1
    for index, piece in enumerate(pieces[1:]):
        if index < len(LEADING):
            name, code = LEADING[index][0], ""
            if not LEADING[index][1].fullmatch(piece):
                terms.refuse("ma_part", at, piece, part=name)
            parts[name] = piece
        else:
            code = piece[:1]
            name = _unit(piece, at, parts, terms)
            if code in DATED:
                stated[name] = date_of(piece[1:], at + 1, terms)
        elements.append(Element(code, piece[len(code) :], at + len(code), name))
        at += len(piece) + 1
    if len(elements) < len(LEADING):
        terms.refuse("ma_short", len(text), text)
    if len(parts["product"]) != PRODUCT:
        terms.warn("ma_product", elements[3].position, parts["product"], length=PRODUCT)
    if "valid_until" in stated:
        stated.setdefault("expiry", stated["valid_until"])
    return Reading(
        issuer=Issuer.MA,
        form="parts",
        text=text,
        canonical=text,
        di=".".join(pieces[: 1 + len(LEADING)]),
        lot=parts.get("lot", ""),
        serial=parts.get("serial", ""),
        dates=stated,
        parts=parts,
        elements=tuple(elements),
        symbology=symbology,
        warnings=tuple(terms.warnings),
    )


def _unit(piece: str, at: int, parts: dict[str, str], terms: Terms) -> str:
    name = UNITS.get(piece[:1])
    if name is None:
        terms.refuse("ma_unit", at, piece)
    if name in parts:
        terms.refuse("ma_twice", at, piece, part=name)
    if not VALUE.fullmatch(piece[1:]):
        terms.refuse("ma_part", at + 1, piece[1:], part=name)
    parts[name] = piece[1:]
    return name


def date_of(digits: str, at: int, terms: Terms) -> Stated:
    """Read a date of six or eight digits; ``at`` is where it stands."""
    if not digits.isdigit() or len(digits) not in {SHORT, SHORT + 2}:
        terms.refuse("date_digits", at, digits, form="YYMMDD, YYYYMMDD")
    long = len(digits) > SHORT
    year = int(digits[:4]) if long else dates.full_year(int(digits[:2]), terms.year)
    rest = len(digits) - 4
    try:
        dates.checked(year or 400, int(digits[rest : rest + 2]), int(digits[-2:]), (rest, rest + 2))
    except dates.BadDate as bad:
        terms.refuse(bad.fault, at + bad.at, digits)
    if not year:
        terms.refuse("date_digits", at, digits, form="YYMMDD, YYYYMMDD")
    form = "yyyyMMdd" if long else "yyMMdd"
    return dates.day(year, int(digits[rest : rest + 2]), int(digits[-2:]), digits, form)
