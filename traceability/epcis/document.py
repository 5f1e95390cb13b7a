"""Reading an EPCIS document: the head at once, the events one by one.

Ten thousand events are never held as objects together; what is held is the text and one event.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from erp.core.texts import refuse_unstorable
from traceability.epcis.contexts import Context, extensions
from traceability.epcis.errors import NotADocument
from traceability.epcis.schema import faults_of_head

TYPES = ("EPCISDocument", "EPCISQueryDocument")

_BLANK = re.compile(r"[ \t\r\n]*")
_PATHS = (
    ("epcisBody", "eventList"),
    ("epcisBody", "queryResults", "resultsBody", "eventList"),
)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large a number")
    return number


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")


_decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse)


@dataclass(frozen=True)
class Document:
    """A document whose events are still text. ``head`` is everything but the events."""

    text: str
    head: dict[str, Any]
    start: int | None
    count: int

    @property
    def context(self) -> Context:
        """Return the document's context beyond the standard's."""
        return extensions(self.head.get("@context"))

    @property
    def sender(self) -> str:
        """Return who says to have sent it, empty where it does not say."""
        said = self.head.get("sender", "")
        return said if isinstance(said, str) else ""

    def events(self) -> Iterator[Any]:
        """Yield the events in order."""
        if self.start is not None:
            yield from (value for value, _end in _elements(self.text, self.start))


def read(raw: bytes) -> Document:
    """Return the document in these bytes, or raise ``NotADocument`` saying why it is none."""
    try:
        document = _scan(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotADocument(reason=f"invalid UTF-8 at byte {error.start}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise NotADocument(reason=str(error) or "nested too deeply") from error
    if document.head.get("type") not in TYPES:
        raise NotADocument(reason=f"its type is none of {', '.join(TYPES)}")
    faults = list(faults_of_head(document.head))
    if faults:
        raise NotADocument(reason="; ".join(f"{f.path}: {f.reason}".lstrip(": ") for f in faults))
    if document.start is None:
        raise NotADocument(reason="it has no event list")
    return document


def read_object(raw: bytes) -> dict[str, Any]:
    """Return one JSON object, or raise ``NotADocument``."""
    try:
        value = _whole(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotADocument(reason=str(error) or "nested too deeply") from error
    if not isinstance(value, dict):
        raise NotADocument(reason="it is not a JSON object")
    return value


def _whole(text: str) -> Any:
    refuse_unstorable(text)
    value, end = _decoder.raw_decode(text, _skip(text, 0))
    if _skip(text, end) != len(text):
        raise ValueError("something follows the JSON object")
    return value


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _scan(text: str) -> Document:
    refuse_unstorable(text)
    walk = _Walk(text)
    head = walk.object(())
    if walk.at != len(text):
        raise ValueError("something follows the document")
    return Document(text, head, walk.list_start, walk.count)


class _Walk:
    """Goes through the text once; ``at`` is always the next character that says something."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = _skip(text, 0)
        self.list_start: int | None = None
        self.count = 0

    def object(self, path: tuple[str, ...]) -> dict[str, Any]:
        """Read an object that holds the event list, at some depth."""
        members: dict[str, Any] = {}
        self._take("{")
        while not self._is("}"):
            if members:
                self._take(",")
            key = self._value()
            if not isinstance(key, str):
                raise TypeError(key)
            self._take(":")
            members[key] = self._member((*path, key))
        self._take("}")
        return members

    def _member(self, path: tuple[str, ...]) -> Any:
        if path in _PATHS and self._is("["):
            self.list_start = self.at
            for _event, end in _elements(self.text, self.at):
                self.count += 1
                self.at = end
            self.at = _skip(self.text, _closed(self.text, self.at, empty=not self.count))
            return []
        if any(p[: len(path)] == path for p in _PATHS) and self._is("{"):
            return self.object(path)
        return self._value()

    def _value(self) -> Any:
        value, end = _decoder.raw_decode(self.text, self.at)
        self.at = _skip(self.text, end)
        return value

    def _is(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)

    def _take(self, sign: str) -> None:
        if not self._is(sign):
            raise ValueError(f"{sign} expected at character {self.at}")
        self.at = _skip(self.text, self.at + 1)


def _elements(text: str, at: int) -> Iterator[tuple[Any, int]]:
    """Yield the elements of an array that begins at ``at``, each with where it ends."""
    at = _skip(text, at + 1)
    while not text.startswith("]", at):
        value, end = _decoder.raw_decode(text, at)
        at = _skip(text, end)
        yield value, at
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith("]", at):
            raise ValueError(f", expected at character {at}")


def _closed(text: str, at: int, *, empty: bool) -> int:
    at = _skip(text, at + 1) if empty else at
    if not text.startswith("]", at):
        raise ValueError(f"] expected at character {at}")
    return at + 1
