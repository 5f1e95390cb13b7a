"""One box for everything scanned or typed: each app says what it recognises.

A resolver takes the text and the actor and returns hits; exact hits of one record lead straight to
its page. Kinds with ``scan`` fields are resolved here; apps add resolvers for codes with structure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.ui.page import Action, Fact
from erp.ui.records import KINDS, RecordKind

MAX_HITS = 20
MAX_TEXT = 2000
ENDS = "\r\n\t"
"""What scanners send around a code. Other controls are part of it: FNC1 arrives as ASCII 29."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that a code leads to."""

    kind: Text
    label: str
    detail: str
    url: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a code was understood: its parts, the records it leads to, and what can be done with it.

    ``doubts`` are sentences a person has to read before going on: then even a single hit is shown
    and not opened.
    """

    facts: Sequence[Fact] = ()
    hits: Sequence[Hit] = ()
    doubts: Sequence[Text] = ()
    offers: Sequence[Action] = ()


Resolver = Callable[[Actor, str], Reading]

_resolvers: list[Resolver] = []


def resolver(function: Resolver) -> Resolver:
    """Register a resolver of structured codes."""
    if function not in _resolvers:
        _resolvers.append(function)
    return function


def resolve(actor: Actor, text: str) -> Reading:
    """Return everything the text may mean to this actor; exact matches first."""
    code = text[:MAX_TEXT].strip(ENDS).replace("\x00", "")
    if not code.strip():
        return Reading()
    readings = [function(actor, code) for function in _resolvers]
    facts = [fact for reading in readings for fact in reading.facts]
    hits = [hit for reading in readings for hit in reading.hits]
    doubts = [doubt for reading in readings for doubt in reading.doubts]
    offers = [offer for reading in readings for offer in reading.offers]
    if not hits:
        hits = exact(actor, code)
        # Our own number, whatever else it looks like.
        doubts = [] if hits else doubts
    if not hits:
        hits = [hit for kind in _scanned() for hit in _similar(kind, actor, code.strip())]
    return Reading(facts, hits[:MAX_HITS], doubts, offers)


def exact(actor: Actor, code: str) -> list[Hit]:
    """Return the records of every kind whose number, or other scanned field, is this code."""
    return [hit for kind in _scanned() for hit in _exact(kind, actor, code.strip())]


def _scanned() -> list[RecordKind]:
    return [kind for kind in KINDS.values() if kind.scan]


def _exact(kind: RecordKind, actor: Actor, code: str) -> list[Hit]:
    wanted = Q()
    for field in kind.scan:
        wanted |= Q(**{f"{field}__iexact": code})
    return [hit_of(kind, r) for r in kind.rows(actor).filter(wanted)[:MAX_HITS]]


def _similar(kind: RecordKind, actor: Actor, code: str) -> list[Hit]:
    wanted = Q()
    for field in kind.search:
        wanted |= Q(**{f"{field}__icontains": code})
    return [hit_of(kind, r) for r in kind.rows(actor).filter(wanted)[:5]]


def hit_of(kind: RecordKind, record: Any) -> Hit:
    """Return the hit of a record of a registered kind."""
    return Hit(
        kind.label, kind.number(record), str(kind.title(record)), kind.url(record.pk), kind.icon
    )
