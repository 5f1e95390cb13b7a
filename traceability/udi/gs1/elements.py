"""GS1 element strings: as printed with brackets, and as scanned with FNC1 between the values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NoReturn

from traceability.udi.gs1.checks import TOLERABLE
from traceability.udi.gs1.dictionary import AIS, CHARACTERS, LENGTHS, ApplicationIdentifier
from traceability.udi.reading import Element
from traceability.udi.terms import Terms, Tolerance

FNC1 = "\x1d"
UNKNOWN_MOST = 90
BRACKET = re.compile(r"(?<!\\)\(")
LEAST_DIGITS, MOST_DIGITS = 2, 4


def read_scanned(text: str, terms: Terms, start: int = 0) -> list[Element]:
    """Read the elements of a scanned element string from ``start``.

    A value of predefined length ends by its length, every other one at the next FNC1; one FNC1 more
    than needed is stepped over, as scanners and printers add it.
    """
    elements: list[Element] = []
    at, end = start, len(text)
    while at < end:
        code = text[at : at + LENGTHS.get(text[at : at + 2], 0)]
        ai = AIS.get(code)
        if ai is None:
            terms.refuse("ai_unknown", at, text[at : at + 4])
        at += len(code)
        stop = text.find(FNC1, at)
        if stop < 0:
            stop = end
        if ai.predefined and at + ai.most < stop:
            stop = at + ai.most
        value = text[at:stop]
        check(ai, value, at, terms)
        elements.append(Element(code, value, at, ai.title))
        at = stop
        if text.startswith(FNC1, at):
            at += 1
    if not elements:
        terms.refuse("empty", start)
    return elements


def read_bracketed(text: str, terms: Terms) -> list[Element]:
    """Read the elements of a string as it is printed: ``(01)…(17)…(10)…``.

    An opening bracket that belongs to a value is written ``\\(``.
    """
    starts = [found.start() for found in BRACKET.finditer(text)]
    if not starts or starts[0]:
        terms.refuse("bracket_open", 0, text[:1])
    elements: list[Element] = []
    for begin, end in zip(starts, [*starts[1:], len(text)], strict=True):
        close = text.find(")", begin, end)
        if close < 0:
            terms.refuse("bracket_close", begin, text[begin:end])
        code = (
            text[begin + 1 : close].strip(" ") if _spaces_pass(terms) else text[begin + 1 : close]
        )
        at = close + 1
        value = text[at:end].removesuffix(FNC1)
        if " " in value:
            at, value = _without_spaces(value, at, terms)
        if "\\" in value:
            value = value.replace("\\(", "(")
        ai = AIS.get(code)
        if ai is None:
            _unknown(code, value, begin + 1, terms)
        else:
            check(ai, value, at, terms)
        elements.append(Element(code, value, at, ai.title if ai else ""))
    return elements


def _spaces_pass(terms: Terms) -> bool:
    return Tolerance.SPACE in terms.permits


def _without_spaces(value: str, at: int, terms: Terms) -> tuple[int, str]:
    """Return a value without the spaces around it and where it begins, where spaces may pass."""
    bare = value.strip(" ")
    before = len(value) - len(value.lstrip(" "))
    if bare != value:
        terms.doubt(Tolerance.SPACE, "space", at if before else at + len(bare), " ")
    return at + before, bare


def _unknown(code: str, value: str, at: int, terms: Terms) -> None:
    known = LENGTHS.get(code[:2])
    fits = (
        code.isascii()
        and code.isdigit()
        and LEAST_DIGITS <= len(code) <= MOST_DIGITS
        and known in {None, len(code)}
    )
    if not fits:
        terms.refuse("ai_unknown", at, code)
    terms.doubt(Tolerance.UNKNOWN, "ai_unknown", at, code)
    _characters("X", value, at + len(code) + 1, terms)
    if not 1 <= len(value) <= UNKNOWN_MOST:
        terms.refuse("length", at + len(code) + 1, value, ai=code, least=1, most=UNKNOWN_MOST)


def check(ai: ApplicationIdentifier, value: str, at: int, terms: Terms) -> None:
    """Refuse a value that its application identifier does not allow."""
    if ai.matches(value) is None:
        explain(ai, value, at, terms)
    for start, end, test in ai.checks:
        part = value[start:end]
        if not part:
            continue
        fault = test(part, terms.year)
        if fault is None:
            continue
        place = at + start + fault.at
        facts = {"ai": ai.code, "wanted": fault.wanted}
        if fault.fault in TOLERABLE:
            terms.doubt(Tolerance.CHECK, fault.fault, place, part[fault.at :], **facts)
        else:
            terms.refuse(fault.fault, place, part[fault.at :], **facts)


def explain(ai: ApplicationIdentifier, value: str, at: int, terms: Terms) -> NoReturn:
    """Say which component is too short, too long, or has a character it may not have."""
    if not value:
        terms.refuse("value_missing", at, ai=ai.code)
    if not ai.least <= len(value) <= ai.most:
        terms.refuse("length", at, value, ai=ai.code, least=ai.least, most=ai.most)
    start = 0
    for component in ai.components:
        part = value[start : start + component.most]
        _characters(component.characters, part, at + start, terms)
        start += len(part)
    # Every character may stand there, the whole is neither short nor long: a component is broken.
    terms.refuse("length", at, value, ai=ai.code, least=ai.least, most=ai.most)


def _characters(allowed: str, part: str, at: int, terms: Terms) -> None:
    bad = re.search(f"[^{CHARACTERS[allowed]}]", part)
    if bad:
        terms.refuse(f"character_{allowed.lower()}", at + bad.start(), bad[0])


def element_string(elements: Iterable[Element], fnc1: str = FNC1) -> str:
    """Return the element string to encode, with FNC1 first and only where one is needed."""
    text, open_ended = "", True
    for element in elements:
        ai = AIS.get(element.code)
        text += f"{fnc1 if open_ended else ''}{element.code}{element.value}"
        open_ended = ai is None or not ai.predefined
    return text


def bracketed(elements: Sequence[Element]) -> str:
    """Return the printed form, values of predefined length first, as labels are to be made."""
    known, open_ended = "", ""
    for code, value, _, _ in elements:
        ai = AIS.get(code)
        written = f"({code})" + (value.replace("(", "\\(") if "(" in value else value)
        if ai is not None and ai.predefined:
            known += written
        else:
            open_ended += written
    return known + open_ended
