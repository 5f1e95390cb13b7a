"""HIBC, the Health Industry Bar Code of HIBCC (ANSI/HIBC 2.6).

A primary symbol carries the DI: labeller (LIC), product (PCN), unit of measure and a check
character. A secondary symbol carries lot or serial number, expiry and quantity, and repeats the
check character of its primary as link. Both may be one symbol, with ``/`` between them, or stand in
one text one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from traceability.udi import dates
from traceability.udi.check_digits import mod43
from traceability.udi.reading import Element, Issuer, Precision, Reading, Stated
from traceability.udi.terms import Terms, Tolerance

NOT_HIBC = re.compile(r"[^0-9A-Z\-. $/+%]")
PRIMARY = re.compile(r"([A-Z][A-Z0-9]{3})([A-Z0-9]{1,18})([0-9])")
MOST = 18
"""Characters of a lot or serial number, and of a product number."""
QUANTITY = {"8": 2, "9": 5}
SUPPLEMENTS = re.compile(r"S|14D|16D|Q")
LEAST_PRIMARY = 8
LEAST_SECONDARY = 4


@dataclass(slots=True)
class _Read:
    """What was read so far."""

    terms: Terms
    parts: dict[str, str] = field(default_factory=dict)
    dates: dict[str, Stated] = field(default_factory=dict)
    elements: list[Element] = field(default_factory=list)
    quantity: int | None = None

    def add(self, code: str, value: str, at: int, title: str) -> None:
        self.elements.append(Element(code, value, at, title))

    def part(self, name: str, code: str, value: str, at: int) -> None:
        """Keep a lot or serial number."""
        if len(value) > MOST:
            self.terms.doubt(Tolerance.LENGTH, "hibc_long", at, value, part=name, most=MOST)
        before = self.parts.setdefault(name, value)
        if before != value:
            self.terms.warn("hibc_two", at, value, part=name, first=before)
        self.add(code, value, at, name)

    def date(self, name: str, code: str, stated: Stated, at: int) -> None:
        """Keep a date; a second one that differs is for a person to look at."""
        before = self.dates.setdefault(name, stated)
        if before.value != stated.value:
            self.terms.warn("hibc_two", at, stated.raw, part=name, first=before.raw)
        self.add(code, stated.raw, at, name)

    def count(self, code: str, digits: str, at: int) -> None:
        self.quantity = int(digits)
        self.add(code, digits, at, "quantity")


def read_hibc(text: str, terms: Terms, symbology: str = "") -> Reading:
    """Read one HIBC symbol, or several one after the other."""
    terms.issuer = Issuer.HIBCC
    text = _plain(text, terms)
    read = _Read(terms)
    kind = text[1:2]
    if kind.isalpha():
        form = _beginning_with_primary(text, read)
    elif kind.isdigit() or kind == "$":
        form = "secondary"
        _secondary_symbol(text, 0, "", read)
    elif kind == "+":
        terms.refuse("hibc_model", 1, kind)
    else:
        terms.refuse("hibc_kind", 1, kind)
    return _reading(form, text, read, symbology)


def read_bare(text: str, terms: Terms) -> Reading:
    """Read a device identifier as registries hold it: labeller, product and unit.

    Some labellers registered theirs with the check character behind it. It is taken off, so that
    the same device is found whichever way it was written, and a wrong one is a doubt.
    """
    terms.issuer = Issuer.HIBCC
    text = _plain(text, terms)
    read = _Read(terms)
    bare, last = text[:-1], text[-1:]
    wanted = mod43(f"+{bare}") if PRIMARY.fullmatch(bare) else ""
    if wanted and (last == wanted or not PRIMARY.fullmatch(text)):
        _primary(bare, 0, read)
        read.parts["check_char"] = last
        terms.warn("hibc_with_check", len(bare), last)
        if last != wanted:
            terms.doubt(Tolerance.CHECK, "hibc_check", len(bare), last, wanted=wanted)
    else:
        _primary(text, 0, read)
    return _reading("device identifier", text, read, "")


def _reading(form: str, text: str, read: _Read, symbology: str) -> Reading:
    return Reading(
        issuer=Issuer.HIBCC,
        form=form,
        text=text,
        canonical=text,
        di="".join(read.parts.get(name, "") for name in ("lic", "pcn", "uom")),
        lot=read.parts.get("lot", ""),
        serial=read.parts.get("serial", ""),
        dates=read.dates,
        quantity=read.quantity,
        parts=read.parts,
        elements=tuple(read.elements),
        symbology=symbology,
        warnings=tuple(read.terms.warnings),
    )


def _plain(text: str, terms: Terms) -> str:
    """Return the text without the asterisks that Code 39 prints around it, in capitals."""
    if len(text) > 1 and text[0] == text[-1] == "*":
        text = text[1:-1]
        terms.offset += 1
    # A space as check character is printed as an underscore, because nobody sees a space.
    text = text[:-1] + " " if text.endswith("_") else text
    bad = NOT_HIBC.search(text)
    if bad is None:
        return text
    if bad[0].isascii() and bad[0].islower():
        terms.doubt(Tolerance.CASE, "hibc_case", bad.start(), bad[0])
        text = "".join(c.upper() if c.isascii() else c for c in text)
        bad = NOT_HIBC.search(text)
    if bad:
        terms.refuse("hibc_character", bad.start(), bad[0])
    return text


def _beginning_with_primary(text: str, read: _Read) -> str:
    slash, plus = text.find("/", 1, -1), text.find("+", 1, -1)
    if plus > 0 and (slash < 0 or plus < slash or _ends_primary(text, slash + 1)):
        return _lines(text, _end_of_primary(text, plus), read)
    if slash > 0:
        _primary(text[1:slash], 1, read)
        _check(text, 0, len(text) - 1, read)
        _secondary(text[slash + 1 : -1], slash + 1, read)
        return "concatenated"
    _primary(text[1:-1], 1, read)
    _check(text, 0, len(text) - 1, read)
    return "primary"


def _ends_primary(text: str, at: int) -> bool:
    """Tell whether a primary symbol with a right check character ends before ``at``."""
    return text.startswith("+", at) and mod43(text[: at - 1]) == text[at - 1]


def _end_of_primary(text: str, plus: int) -> int:
    """Return where the second symbol begins; a ``+`` may be the check character of the first."""
    after = [at for at in (plus, plus + 1) if text.startswith("+", at) and at < len(text) - 1]
    right = (at for at in after if _ends_primary(text, at))
    slash = text.find("/", 1, plus)
    if slash == plus - 1:
        return plus
    return next(right, after[-1] if after else plus)


def _lines(text: str, end: int, read: _Read) -> str:
    """Read a primary symbol and the secondary ones that follow it."""
    _primary(text[1 : end - 1], 1, read)
    _check(text[:end], 0, end - 1, read)
    link = text[end - 1]
    at = end
    while at < len(text):
        stop = _end_of_secondary(text, at, link)
        _secondary_symbol(text[at:stop], at, link, read)
        at = stop
    return "lines"


def _end_of_secondary(text: str, at: int, link: str) -> int:
    """Return where a secondary symbol ends: before the next ``+`` that makes its end right."""
    plus = text.find("+", at + LEAST_SECONDARY)
    while plus > 0:
        symbol = text[at:plus]
        if symbol[-2] == link and mod43(symbol[:-1]) == symbol[-1]:
            return plus
        plus = text.find("+", plus + 1)
    return len(text)


def _primary(data: str, at: int, read: _Read) -> None:
    found = PRIMARY.fullmatch(data)
    if found is None:
        read.terms.refuse("hibc_primary", at, data)
    for index, name in enumerate(("lic", "pcn", "uom"), 1):
        read.parts[name] = found[index]
        read.add(name.upper(), found[index], at + found.start(index), name)


def _check(symbol: str, at: int, last: int, read: _Read) -> None:
    """Compare the check character of a symbol that begins at ``at``."""
    found = symbol[-1]
    wanted = mod43(symbol[:-1])
    read.parts["check_char"] = found
    if found != wanted:
        read.terms.doubt(Tolerance.CHECK, "hibc_check", at + last, found, wanted=wanted)


def _secondary_symbol(symbol: str, at: int, link: str, read: _Read) -> None:
    """Read a secondary symbol with its link and check characters."""
    if len(symbol) < LEAST_SECONDARY:
        read.terms.refuse("hibc_short", at, symbol)
    _secondary(symbol[1:-2], at + 1, read)
    read.parts["link_char"] = symbol[-2]
    _check(symbol, at, len(symbol) - 1, read)
    if link and symbol[-2] != link:
        read.terms.doubt(
            Tolerance.CHECK, "hibc_link", at + len(symbol) - 2, symbol[-2], wanted=link
        )


def _secondary(data: str, at: int, read: _Read) -> None:
    """Read secondary data: the part with lot, serial number or date, then its supplements."""
    for index, piece in enumerate(data.split("/")):
        if index or SUPPLEMENTS.match(piece):
            _supplement(piece, at, read)
        else:
            _leading(piece, at, read)
        at += len(piece) + 1


def _leading(data: str, at: int, read: _Read) -> None:
    if data.startswith("$$"):
        _flagged(data, at, read)
    elif data.startswith("$"):
        name, code = ("serial", "$+") if data.startswith("$+") else ("lot", "$")
        read.part(name, code, data[len(code) :], at + len(code))
    else:
        stated = _date("YYJJJ", data[:5], at, read)
        read.date("expiry", "YYJJJ", stated, at)
        read.part("lot", "", data[5:], at + 5)


def _flagged(data: str, at: int, read: _Read) -> None:
    """Read what follows ``$$``: a quantity, then a date whose form a digit tells, then the number.

    The digits 0 and 1 tell the form and are the first digit of a month at once.
    """
    name, start = ("serial", 3) if data.startswith("$$+") else ("lot", 2)
    size = QUANTITY.get(data[start : start + 1], 0)
    if size:
        digits = data[start + 1 : start + 1 + size]
        if len(digits) < size or not digits.isdigit():
            read.terms.refuse("hibc_quantity", at + start + 1, digits, size=size)
        read.count(f"$${data[start]}", digits, at + start + 1)
        start += 1 + size
        if start == len(data):
            return
    flag = data[start : start + 1]
    form = FORMS.get(flag)
    if form is None:
        read.terms.refuse("hibc_flag", at + start, flag)
    start += flag not in "01"
    end = start + len(form)
    if form:
        stated = _date(form, data[start:end], at + start, read)
        read.date("expiry", f"$${flag}", stated, at + start)
    if end < len(data) or not form:
        read.part(name, data[:2], data[end:], at + end)


def _supplement(piece: str, at: int, read: _Read) -> None:
    found = SUPPLEMENTS.match(piece)
    if found is None:
        read.terms.refuse("hibc_supplement", at, piece)
    code, value = found[0], piece[found.end() :]
    at += found.end()
    if code == "Q":
        if not value.isdigit() or len(value) > QUANTITY["9"]:
            read.terms.refuse("hibc_quantity", at, value, size=QUANTITY["9"])
        read.count(code, value, at)
    elif not value:
        read.terms.refuse("hibc_empty", at, code)
    elif code == "S":
        read.part("serial", code, value, at)
    else:
        name = "expiry" if code == "14D" else "manufactured"
        read.date(name, code, _date("YYYYMMDD", value, at, read), at)


def _date(form: str, digits: str, at: int, read: _Read) -> Stated:
    if len(digits) != len(form) or not digits.isdigit():
        read.terms.refuse("date_digits", at, digits, form=form)
    try:
        return READERS[form](digits, read.terms.year)
    except dates.BadDate as bad:
        read.terms.refuse(bad.fault, at + bad.at, digits)


def _places(form: str) -> dict[str, slice]:
    """Return where the numbers of a date stand: Y, M, D, J (day of the year), H."""
    return {letter: slice(form.index(letter), form.rindex(letter) + 1) for letter in form}


def _reader(form: str) -> Callable[[str, int], Stated]:
    shown = form.replace("Y", "y").replace("D", "d")
    places = _places(form)

    def read(digits: str, year: int) -> Stated:
        said = {letter: int(digits[place]) for letter, place in places.items()}
        full = said["Y"] if "YYYY" in form else dates.full_year(said["Y"], year)
        if "J" in said:
            stated = dates.day_of_year(full, said["J"], digits[:5], shown)
        elif "D" in said:
            at = places["M"].start, places["D"].start
            dates.checked(full or 400, said["M"], said["D"], at)
            stated = dates.day(full, said["M"], said["D"], digits, shown)
        else:
            dates.checked(full, said["M"], 1, (places["M"].start, 0))
            stated = dates.month(full, said["M"], digits, shown)
        return _with_hour(stated, said["H"], digits, shown) if "H" in said else stated

    return read


def _with_hour(stated: Stated, hour: int, digits: str, form: str) -> Stated:
    if hour > dates.LAST_HOUR:
        raise dates.BadDate("hour", len(digits) - 2)
    return dates.at_time(stated, digits, form, f"{hour:02d}:00", Precision.HOUR)


FORMS = {
    "0": "MMYY",
    "1": "MMYY",
    "2": "MMDDYY",
    "3": "YYMMDD",
    "4": "YYMMDDHH",
    "5": "YYJJJ",
    "6": "YYJJJHH",
    "7": "",
}
"""The form of the date after ``$$``, by the digit that tells it; 7 says that there is none."""
READERS = {form: _reader(form) for form in {*FORMS.values(), "YYJJJ", "YYYYMMDD"} if form}
