"""The GS1 application identifiers, out of GS1's own machine-readable dictionary.

``gs1-syntax-dictionary.txt`` is published by GS1 (Apache-2.0, see NOTICE) and stands here as
published: an update is a new copy of the file. It says of every identifier its format, the checks
of its components, what it must and must not come with, and its place in a digital link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from traceability.udi.gs1.checks import CHECKS, Check

SOURCE = Path(__file__).with_name("gs1-syntax-dictionary.txt")

CHARACTERS = {
    "N": "0-9",
    "X": "!\"%&'()*+,\\-./0-9:;<=>?A-Z_a-z",
    "Y": "#\\-/0-9A-Z",
    "Z": "\\-0-9A-Z_a-z=",
}
"""Digits, CSET 82, CSET 39, and the file-safe base 64 alphabet with its padding."""

LINE = re.compile(r"(?P<first>\d{2,4})(?:-(?P<last>\d{2,4}))?\s+(?P<rest>.*?)\s+#\s+(?P<title>.*)$")
LINE_WITHOUT_TITLE = re.compile(
    r"(?P<first>\d{2,4})(?:-(?P<last>\d{2,4}))?\s+(?P<rest>.*)$(?P<title>)"
)
FLAGS = re.compile(r"[*!?\"$%&'()+,\-./:;<=>@\\^_`{|}~]+")
COMPONENT = re.compile(r"(?P<open>\[?)(?P<set>[NXYZ])(?P<upto>\.\.)?(?P<size>\d+)\]?(?P<checks>.*)")

Pattern = tuple[str, int]
"""An identifier, or the beginning of several and their length: ``31nn`` is ``("31", 4)``."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a value: its characters, lengths and checks."""

    characters: str
    least: int
    most: int
    optional: bool
    checks: tuple[str, ...]

    @property
    def expression(self) -> str:
        """Return the regular expression of the component."""
        size = f"{{{self.least},{self.most}}}" if self.least < self.most else f"{{{self.most}}}"
        whole = f"[{CHARACTERS[self.characters]}]{size}"
        return f"(?:{whole})?" if self.optional else whole


@dataclass(frozen=True, slots=True)
class ApplicationIdentifier:
    """One application identifier."""

    code: str
    title: str
    predefined: bool
    """True where the length is known beforehand, so that no FNC1 ends the value."""
    attribute: bool
    """True where it may stand among the query parameters of a digital link."""
    components: tuple[Component, ...]
    matches: Callable[[str], object]
    checks: tuple[tuple[int, int, Check], ...]
    """Where a checked component begins and ends, and its check."""
    least: int
    most: int
    requires: tuple[tuple[tuple[Pattern, ...], ...], ...]
    beside: frozenset[str]
    """Identifiers each of which alone is what the only ``requires`` asks for."""
    never: frozenset[str]
    """Identifiers it may not stand together with."""
    excludes: tuple[Pattern, ...]
    """The same by patterns."""
    key: bool
    """True for the primary keys of digital links."""
    qualifiers: frozenset[tuple[str, ...]]
    """Every sequence of qualifiers that may follow the key in a digital link's path."""


def read(lines: Sequence[str]) -> Iterator[ApplicationIdentifier]:
    """Yield every identifier of the dictionary; a range gives one for each number."""
    for line in lines:
        found = LINE.match(line) or LINE_WITHOUT_TITLE.match(line)
        if found is None:
            continue
        first, last = found["first"], found["last"] or found["first"]
        for number in range(int(first), int(last) + 1):
            yield _identifier(str(number).zfill(len(first)), found["rest"], found["title"])


def _identifier(code: str, rest: str, title: str) -> ApplicationIdentifier:
    words = rest.split()
    flags = words.pop(0) if FLAGS.fullmatch(words[0]) else ""
    components = tuple(_component(m) for m in map(COMPONENT.fullmatch, words) if m)
    attributes = [w.partition("=") for w in words if not COMPONENT.fullmatch(w)]
    keys = [value for name, _, value in attributes if name == "dlpkey"]
    requires = tuple(_groups(value) for name, _, value in attributes if name == "req")
    excludes = tuple(
        _pattern(one) for name, _, value in attributes if name == "ex" for one in value.split(",")
    )
    return ApplicationIdentifier(
        code=code,
        title=title,
        predefined="*" in flags,
        attribute="?" in flags,
        components=components,
        matches=re.compile("".join(c.expression for c in components)).fullmatch,
        checks=tuple(_checks(components)),
        least=sum(c.least for c in components if not c.optional),
        most=sum(c.most for c in components),
        requires=requires,
        beside=_exact([g[0] for g in requires[0] if len(g) == 1])
        if len(requires) == 1
        else frozenset(),
        never=_exact(excludes),
        excludes=tuple(p for p in excludes if len(p[0]) < p[1]),
        key=bool(keys),
        qualifiers=frozenset(_sequences(keys)),
    )


def _component(found: re.Match[str]) -> Component:
    size = int(found["size"])
    checks = tuple(name for name in found["checks"].split(",") if name)
    return Component(found["set"], 1 if found["upto"] else size, size, bool(found["open"]), checks)


def _checks(components: Sequence[Component]) -> Iterator[tuple[int, int, Check]]:
    start = 0
    for component in components:
        end = start + component.most
        if component.characters == "Z":
            yield start, end, CHECKS["cset64"]
        for name in component.checks:
            yield start, end, CHECKS[name]
        start = end


def _exact(patterns: Sequence[Pattern]) -> frozenset[str]:
    return frozenset(prefix for prefix, length in patterns if len(prefix) == length)


def _pattern(text: str) -> Pattern:
    return text.rstrip("n"), len(text)


def _groups(value: str) -> tuple[tuple[Pattern, ...], ...]:
    return tuple(tuple(map(_pattern, group.split("+"))) for group in value.split(","))


def _sequences(keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield what may follow a key: any of its qualifiers, in their order, of one alternative."""
    for alternative in (a for key in keys for a in key.split("|")):
        allowed = [q for q in alternative.split(",") if q]
        for size in range(len(allowed) + 1):
            yield from combinations(allowed, size)


AIS: dict[str, ApplicationIdentifier] = {
    ai.code: ai for ai in read(SOURCE.read_text(encoding="utf-8").splitlines())
}
"""Every application identifier by its code."""

LENGTHS: dict[str, int] = {code[:2]: len(code) for code in AIS}
"""How many digits an identifier has, by its first two."""
