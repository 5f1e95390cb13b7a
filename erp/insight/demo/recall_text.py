"""Reads the lot and serial text of a recall notice as people write it, and says what it could
not read.

What is read: numbers after a word that names them (lot, serial, unit, batch), in lists and in
ranges
(``07110002 thru 07110009``; a hyphen makes a range only where the text says "range"), with expiry
dates, product marks (``1)``), amounts (``(2 units)``) and UDI carriers beside them. Everything
else is
kept word for word in ``unread``: a number is never guessed, and a range too long to list stays
a range.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST_RANGE = 10_000

_NUMBER = r"(?=[A-Za-z\-]*\d)[A-Za-z0-9][A-Za-z0-9\-]{2,29}(?<!-)"
_PLAIN = r"(?=[A-Za-z]*\d)[A-Za-z0-9]{3,30}"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_DATE = (
    r"(?:\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d{2}(?:-\d{2})?"
    rf"|{_MONTH}\s+(?:\d{{1,2}},\s*)?\d{{4}})"
)

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("gap", r"[\s,;.&]+|and\b|or\b"),
    ("mark", r"\d{1,2}\)\s*(?:(?:,|and)\s*\d{1,2}\)\s*)*"),
    (
        "word",
        r"(?P<kind>lot|serial|unit|batch)(?:e?s)?\b(?:\s*(?:numbers?|nos?\.|\#))?"
        r"(?P<range>\s*ranges?)?(?:\s*/\s*expiration dates?)?\s*[:#.]?",
    ),
    ("amount", r"\(\s*\d+\s*(?:units?|pcs?|boxes|ea)\s*\)"),
    ("udi", r"UDI(?:-DI)?\s*[:#]?\s*(?P<udi>[()0-9A-Za-z\-./]{8,})"),
    ("noexpiry", r"/?\s*no expir(?:ation|y) date"),
    ("expiry", rf"/?\s*(?:exp(?:iration|iry|\.)?\s*dates?|use by)\s*[:\-.]*\s*(?P<date>{_DATE})"),
    (
        "span",
        rf"(?P<first>{_PLAIN})\s*(?P<dash>thru|through|to\b|–|-)\s*(?P<last>{_PLAIN})(?![\w)\-])",
    ),
    ("number", rf"(?P<number>{_NUMBER})(?![\w)/])|(?P<dated>{_NUMBER})(?=/\s*(?:exp|no exp))"),
    ("other", r"\([^)]*\)|\S+"),
)
_TOKEN = re.compile("|".join(f"(?P<t_{name}>{body})" for name, body in _PATTERNS), re.IGNORECASE)
_TAIL = re.compile(r"^(.*?)(\d+)$")


@dataclass(frozen=True, slots=True)
class Named:
    """One number that the notice names, with what stands beside it."""

    number: str
    kind: str
    product: str = ""
    """The mark of the product it stands under (``1``), where the notice counts products."""
    expiry: str = ""
    """The expiry date, word for word."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of numbers with the same beginning."""

    first: str
    last: str
    kind: str

    def count(self) -> int:
        """Return how many numbers lie in the range."""
        return int(_tail(self.last)[1]) - int(_tail(self.first)[1]) + 1

    def covers(self, number: str) -> bool:
        """Tell whether a number lies in the range, without listing it."""
        head, tail = _tail(self.first)
        if not number.startswith(head) or len(number) != len(self.first):
            return False
        rest = number[len(head) :]
        return rest.isdecimal() and int(tail) <= int(rest) <= int(_tail(self.last)[1])

    def numbers(self) -> list[str]:
        """Return every number of the range."""
        head, tail = _tail(self.first)
        return [f"{head}{int(tail) + n:0{len(tail)}d}" for n in range(self.count())]


@dataclass(slots=True)
class RecallText:
    """What was read of a notice."""

    named: list[Named] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    udis: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def numbers(self) -> list[str]:
        """Return every number once, in the order of the text; long ranges are left as ranges."""
        return list(dict.fromkeys(named.number for named in self.named))

    def covers(self, number: str) -> bool:
        """Tell whether the notice names this number, singly or in a range."""
        return number in self.numbers() or any(span.covers(number) for span in self.spans)


@dataclass(slots=True)
class _Reader:
    """Where the reading stands: which word was said last, under which product."""

    found: RecallText = field(default_factory=RecallText)
    kind: str = ""
    ranged: bool = False
    product: str = ""
    fresh: bool = False
    pending: str = ""
    """The word said last, until a number shows that it was meant so."""

    def word(self, match: re.Match[str]) -> None:
        """A word that says what the next numbers are."""
        kind = match["kind"].lower()
        self.kind = "lot" if kind == "batch" else kind
        self.ranged = bool(match["range"])
        self.pending = match[0].strip()

    def mark(self, match: re.Match[str]) -> None:
        """The mark of a product, or of one line of a list."""
        self.product = re.findall(r"\d+", match[0])[0]

    def number(self, match: re.Match[str]) -> None:
        """A number, if a word said what it is; else it is not ours to guess."""
        text = match["number"] or match["dated"]
        if self.kind:
            self._name(text)
        else:
            self.other(match)

    def _name(self, *numbers: str) -> None:
        self.found.named += [Named(n, self.kind, self.product) for n in numbers]
        self.fresh, self.pending = True, ""

    def span(self, match: re.Match[str]) -> None:
        """A range where both ends have the same beginning and the words say that it is one."""
        span = Span(match["first"], match["last"], self.kind)
        said = match["dash"].lower() not in {"-", "–"} or self.ranged
        if self.kind and not said and " " not in match[0]:
            self._name(match[0])  # a number that has a hyphen in it
        elif not (self.kind and said and _fits(span)):
            self.other(match)
        elif span.count() > LONGEST_RANGE:
            self.found.spans.append(span)
            self.pending = ""
        else:
            self._name(*span.numbers())

    def expiry(self, match: re.Match[str]) -> None:
        """A date that belongs to the number before it."""
        if self.fresh:
            last = self.found.named[-1]
            self.found.named[-1] = Named(last.number, last.kind, last.product, match["date"])
        self.fresh = False

    def udi(self, match: re.Match[str]) -> None:
        """A UDI carrier, kept whole."""
        self.found.udis.append(match["udi"].rstrip("."))
        self.kind = self.pending = ""

    def other(self, match: re.Match[str]) -> None:
        """Anything else: kept, and what follows is no longer known to be a number of that kind."""
        aside = match[0].startswith("(")
        text = match[0] if aside else f"{self.pending} {match[0]}".strip()
        if not (aside and self.kind):
            self.kind = self.pending = ""
        if self.found.unread and not aside and self.found.unread[-1][-1:] != ")":
            self.found.unread[-1] += f" {text}"
        else:
            self.found.unread.append(text)
        self.fresh = False


def read(text: str) -> RecallText:
    """Read the lot and serial text of a recall notice."""
    reader = _Reader()
    for match in _TOKEN.finditer(text):
        name = next(n for n, _body in _PATTERNS if match[f"t_{n}"] is not None)
        step = getattr(reader, name, None)
        if step is not None:
            step(match)
    return reader.found


def _tail(number: str) -> tuple[str, str]:
    match = _TAIL.match(number)
    return (match[1], match[2]) if match else (number, "")


def _fits(span: Span) -> bool:
    (head, first), (other, last) = _tail(span.first), _tail(span.last)
    return (
        bool(first and last)
        and head == other
        and len(first) == len(last)
        and int(first) <= int(last)
    )
