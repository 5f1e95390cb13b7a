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
from erp.ui.page import Fact
from erp.ui.records import KINDS, RecordKind

MAX_HITS = 20
MAX_TEXT = 500


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
    """How a code was understood, shown when it leads to nothing: its parts, and what to search
    next.
    """

    facts: Sequence[Fact] = ()
    hits: Sequence[Hit] = ()


Resolver = Callable[[Actor, str], Reading]

_resolvers: list[Resolver] = []


def resolver(function: Resolver) -> Resolver:
    """Register a resolver of structured codes."""
    if function not in _resolvers:
        _resolvers.append(function)
    return function


def resolve(actor: Actor, text: str) -> Reading:
    """Return everything the text may mean to this actor; exact matches first."""
    code = text.strip()[:MAX_TEXT].replace("\x00", "")
    if not code:
        return Reading()
    facts: list[Fact] = []
    hits: list[Hit] = []
    for function in _resolvers:
        reading = function(actor, code)
        facts += reading.facts
        hits += reading.hits
    if not hits:
        hits = [hit for kind in KINDS.values() if kind.scan for hit in _exact(kind, actor, code)]
    if not hits:
        hits = [hit for kind in KINDS.values() if kind.scan for hit in _similar(kind, actor, code)]
    return Reading(facts, hits[:MAX_HITS])


def _exact(kind: RecordKind, actor: Actor, code: str) -> list[Hit]:
    wanted = Q()
    for field in kind.scan:
        wanted |= Q(**{f"{field}__iexact": code})
    return [_hit(kind, r) for r in kind.rows(actor).filter(wanted)[:MAX_HITS]]


def _similar(kind: RecordKind, actor: Actor, code: str) -> list[Hit]:
    wanted = Q()
    for field in kind.search:
        wanted |= Q(**{f"{field}__icontains": code})
    return [_hit(kind, r) for r in kind.rows(actor).filter(wanted)[:5]]


def _hit(kind: RecordKind, record: Any) -> Hit:
    return Hit(
        kind.label, kind.number(record), str(kind.title(record)), kind.url(record.pk), kind.icon
    )
