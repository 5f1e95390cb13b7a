"""The one entry: from what was scanned or typed to a reading, whoever issued the code."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Sequence

from traceability.udi.ahm import PREFIX, read_ahm, split_by
from traceability.udi.check_digits import mod10
from traceability.udi.gs1.dictionary import AIS, LENGTHS
from traceability.udi.gs1.digital_link import SCHEMES, read_link
from traceability.udi.gs1.elements import FNC1, read_bracketed, read_scanned
from traceability.udi.gs1.message import GTIN, Carried, reading
from traceability.udi.hibc import read_bare, read_hibc
from traceability.udi.iccbba import read_iccbba
from traceability.udi.ma import read_ma
from traceability.udi.reading import Element, Issuer, Reading
from traceability.udi.substitutes import SUBSTITUTES
from traceability.udi.symbology import LENGTH, Content, Symbology, symbology
from traceability.udi.terms import LENIENT, STRICT, Level, Terms, Tolerance

MOST = 8000
"""Characters of a code; no symbol holds more than a QR code's 7,089."""
GTINS = {8, 12, 13, 14}
CERTAIN = frozenset(
    code
    for code, ai in AIS.items()
    if ai.predefined and any("csum" in c.checks for c in ai.components)
)
"""Elements with a check digit: a text that begins with one is an element string, not a number."""
ISBT = re.compile(r"[=&][0-9A-Z/,>}*+<%&]")
COMPOSITE = re.compile(r"\|\][eE][0-3]")
READERS: tuple[tuple[Callable[[str], object], Callable[[str, Terms, str], Reading]], ...] = (
    (re.compile(r"\*?\+").match, read_hibc),
    (ISBT.match, read_iccbba),
    (re.compile(r"MA\.").match, read_ma),
)
"""How a code begins, and who reads it."""
ENDS = "\r\n\t\x04"
"""What scanners send after the data."""


def parse(  # noqa: PLR0913 - the terms of a reading, each by name
    text: str | bytes,
    *,
    strict: bool = True,
    permit: Collection[Tolerance] = (),
    level: Level = Level.CARRIER,
    fnc1: Sequence[str] = SUBSTITUTES,
    ahm: Sequence[re.Pattern[str]] = (),
    issuer: Issuer | None = None,
    year: int | None = None,
) -> Reading:
    """Read a code, or raise ``UdiRefused`` with position, reason and what was expected.

    ``strict`` lets nothing doubtful pass; not strict, everything a ``Tolerance`` names passes with
    a warning; ``permit`` names single ones. ``fnc1`` are the texts that may stand for FNC1.
    ``issuer`` reads a bare device identifier, as lists of master data have them. ``year`` is the
    present one, to which two-digit years belong.
    """
    permits = frozenset(permit) if strict else LENIENT
    terms = Terms(permits or STRICT, level, year or dt.datetime.now(tz=dt.UTC).year)
    plain = text if isinstance(text, str) else text.decode("utf-8", "replace")
    if len(plain) > MOST:
        terms.refuse("too_long", MOST, "", most=MOST)
    plain = _without_ends(plain, terms)
    if not plain:
        terms.refuse("empty", 0)
    if issuer is not None:
        return _bare(plain, issuer, terms, ahm)
    if plain[0] == "]":
        return _scanned(plain, terms, fnc1, ahm)
    found = _recognised(plain, terms, ahm) or _gs1_unmarked(plain, terms, fnc1)
    return found or terms.refuse("unknown_form", 0, plain[:20])


def _without_ends(text: str, terms: Terms) -> str:
    bare = text.lstrip(" " + ENDS)
    terms.offset = len(text) - len(bare)
    bare = bare.rstrip(ENDS)
    # A space may be the check character of an HIBC symbol; behind everything else it is nothing.
    return bare if bare.startswith(("+", "*+", "]")) else bare.rstrip(" ")


def _scanned(
    text: str, terms: Terms, fnc1: Sequence[str], ahm: Sequence[re.Pattern[str]]
) -> Reading:
    """Read what a scanner marked with a symbology identifier."""
    identifier = text[:LENGTH]
    kind = symbology(identifier)
    if len(identifier) < LENGTH or kind is None:
        terms.refuse("symbology", 0, identifier)
    terms.offset += LENGTH
    data = text[LENGTH:]
    if kind.content is Content.GS1:
        terms.issuer = Issuer.GS1
        return _gs1(data, terms, fnc1, Carried("element string", data, identifier))
    if kind.content is Content.GTIN:
        return _retail(data, kind, terms, Carried("gtin", data, identifier))
    return _recognised(data, terms, ahm, identifier) or Reading(
        issuer=Issuer.NONE,
        form="plain",
        text=data,
        canonical=data,
        symbology=identifier,
        warnings=tuple(terms.warnings),
    )


def _recognised(
    text: str, terms: Terms, ahm: Sequence[re.Pattern[str]], identifier: str = ""
) -> Reading | None:
    """Read a code that says itself whose it is, ``None`` where it does not."""
    if text.startswith(SCHEMES) or (not identifier and text[:4].lower() == "http"):
        terms.issuer = Issuer.GS1
        carried = Carried("digital link", text, identifier)
        return reading(read_link(text, terms), carried, terms)
    if text.startswith("(") and not identifier:
        terms.issuer = Issuer.GS1
        return reading(read_bracketed(text, terms), Carried("bracketed", text), terms)
    reader = next((read for begins, read in READERS if begins(text)), None)
    if reader is not None:
        return reader(text, terms, identifier)
    if text.startswith(PREFIX) or split_by(text, ahm):
        return read_ahm(text, terms, ahm, identifier)
    return None


def _gs1_unmarked(text: str, terms: Terms, fnc1: Sequence[str]) -> Reading | None:
    """Read an element string without symbology identifier, or the digits of a GTIN."""
    if text.isascii() and text.isdigit() and len(text) in GTINS:
        terms.issuer = Issuer.GS1
        return _gtin(text, 0, terms, Carried("gtin", text))
    marked = FNC1 in text or text.startswith(tuple(fnc1))
    if marked or text[: LENGTHS.get(text[:2], 0)] in CERTAIN:
        terms.issuer = Issuer.GS1
        return _gs1(text, terms, fnc1, Carried("element string", text))
    return None


def _gs1(text: str, terms: Terms, fnc1: Sequence[str], carried: Carried) -> Reading:
    """Read an element string in which FNC1 may be written otherwise."""
    scanned = _with_fnc1(text, terms, fnc1)
    start = 1 if scanned.startswith(FNC1) else 0
    return reading(read_scanned(scanned, terms, start), carried, terms)


def _with_fnc1(text: str, terms: Terms, fnc1: Sequence[str]) -> str:
    """Put FNC1 where its substitute stands; one kind of substitute in a text, the first."""
    if "|" in text:
        text = _replaced(text, COMPOSITE, terms)
    if FNC1 in text:
        return text
    places = [(at, s) for s in fnc1 if s and (at := text.find(s)) >= 0]
    return _replaced(text, re.compile(re.escape(min(places)[1])), terms) if places else text


def _replaced(text: str, what: re.Pattern[str], terms: Terms) -> str:
    moved = 0
    for found in what.finditer(text):
        terms.shifts.append((found.start() - moved, len(found[0]) - 1))
        moved += len(found[0]) - 1
    return what.sub(FNC1, text)


def _retail(data: str, kind: Symbology, terms: Terms, carried: Carried) -> Reading:
    """Read the number of a retail barcode, and a composite component behind it."""
    terms.issuer = Issuer.GS1
    number, mark, rest = data.partition("|]e0")
    if not number.isascii() or not number.isdigit() or len(number) not in kind.lengths:
        wanted = ", ".join(map(str, kind.lengths))
        terms.refuse("retail", 0, number, lengths=wanted, symbology=kind.name)
    digits = number[:13] if len(number) > GTIN else number
    if not mark:
        return _gtin(digits, 0, terms, carried)
    at = len(number) + len(mark)
    more = read_scanned(data, terms, at) if rest else terms.refuse("empty", at)
    return reading([_checked_gtin(digits, 0, terms), *more], carried, terms)


def _gtin(digits: str, at: int, terms: Terms, carried: Carried) -> Reading:
    return reading([_checked_gtin(digits, at, terms)], carried, terms)


def _checked_gtin(digits: str, at: int, terms: Terms) -> Element:
    """Return a GTIN of 8, 12, 13 or 14 digits as the element 01, filled up to 14."""
    wanted = mod10(digits[:-1])
    if digits[-1] != wanted:
        place = at + len(digits) - 1
        terms.doubt(Tolerance.CHECK, "check_digit", place, digits[-1], ai="01", wanted=wanted)
    return Element("01", digits.zfill(GTIN), at, AIS["01"].title)


def _bare(text: str, issuer: Issuer, terms: Terms, ahm: Sequence[re.Pattern[str]]) -> Reading:
    """Read a device identifier as master data has it: without brackets and flags."""
    terms.issuer = issuer
    carried = Carried("device identifier", text)
    if issuer is Issuer.GS1:
        if not text.isascii() or not text.isdigit() or len(text) not in GTINS:
            terms.refuse("retail", 0, text, lengths="8, 12, 13, 14", symbology="GTIN")
        return _gtin(text, 0, terms, carried)
    if issuer is Issuer.HIBCC:
        return read_hibc(text, terms) if text[:1] in "+*" else read_bare(text, terms)
    if issuer is Issuer.ICCBBA:
        if text.startswith("="):
            return read_iccbba(text, terms)
        terms.offset -= 2
        return read_iccbba(f"=/{text}", terms)
    if issuer is Issuer.MA:
        return read_ma(text, terms)
    return read_ahm(text, terms, ahm)
