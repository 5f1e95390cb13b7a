"""Gates: named questions asked before something is done (design 3).

A lower app asks ("lot.issue": may these lots be issued?) and never knows who answers. Any app
registers checks; each answers for all the records at once, so a gate costs the same number of
queries for one lot and for a thousand. All blockers come back together. Only a signed concession
passes a blocker, and then the log says which.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from erp.core.actor import Actor
from erp.core.context import Context
from erp.core.errors import Blocked, Blocker, Text
from erp.core.reading import reading


@dataclass(frozen=True, slots=True)
class Question:
    """One asking: which records, for whom, with what circumstances (site, country, order …)."""

    gate: str
    ids: frozenset[int]
    actor: Actor
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A blocker for one of the records asked about.

    ``about`` names what of the record is blocked where one code may stand for several things: the
    items of a supplier, of which a concession may cover one and not the other. ``since`` is when it
    came to stand in the way, where a concession signed before knew nothing of it.
    """

    record_id: int
    blocker: Blocker
    about: tuple[int, ...] = ()
    since: dt.datetime | None = None

    @property
    def key(self) -> Key:
        """Return what a concession covers."""
        return (self.record_id, self.blocker.code, self.about)


Key = tuple[int, str, tuple[int, ...]]
Covered = Mapping[Key, str]
Check = Callable[[Question], Iterable[Answer]]
Waiver = Callable[[Question, Collection[Answer]], Covered]
"""Given the answers, says which of them a concession covers, each with the concession's number."""

_questions: dict[str, Text] = {}
_checks: dict[str, list[Check]] = defaultdict(list)
_waivers: list[Waiver] = []


class UnknownGate(LookupError):
    """A check or a question names a gate nobody defined: a mistake of the programmer."""


def define(gate: str, question: Text) -> str:
    """Define a gate and the question it asks; returns its name."""
    _questions[gate] = question
    return gate


def check(gate: str) -> Callable[[Check], Check]:
    """Register the decorated function as a check of ``gate``."""

    def register(function: Check) -> Check:
        if gate not in _questions:
            raise UnknownGate(gate)
        if function not in _checks[gate]:
            _checks[gate].append(function)
        return function

    return register


def waiver(function: Waiver) -> Waiver:
    """Register where concessions are found (the quality app)."""
    if function not in _waivers:
        _waivers.append(function)
    return function


def answers(question: Question) -> list[Answer]:
    """Return every answer that no concession covers."""
    return _ask(question)[0]


def blockers(gate: str, ids: Iterable[int], actor: Actor, **facts: Any) -> list[Blocker]:
    """Return what stands in the way, without raising: for dialogs and readiness views."""
    return [a.blocker for a in answers(Question(gate, frozenset(ids), actor, facts))]


def ask(ctx: Context, gate: str, ids: Iterable[int], **facts: Any) -> Covered:
    """Raise ``Blocked`` with all blockers, or return the concessions that were used.

    Concessions used are noted on the context and so reach the operation log.
    """
    standing, covered = _ask(Question(gate, frozenset(ids), ctx.actor, facts))
    if standing:
        raise Blocked(blockers=[a.blocker for a in standing])
    for (record_id, code, about), number in covered.items():
        used = {"gate": gate, "record": record_id, "blocker": code, "concession": number}
        if about:
            used["about"] = list(about)
        ctx.notes.setdefault("concessions", []).append(used)
    return covered


def _ask(question: Question) -> tuple[list[Answer], dict[Key, str]]:
    if question.gate not in _questions:
        raise UnknownGate(question.gate)
    with reading():
        found = [a for function in _checks[question.gate] for a in function(question)]
    covered: dict[Key, str] = {}
    if found:
        for function in _waivers:
            covered.update(function(question, found))
    standing = [a for a in found if not (a.blocker.waivable and a.key in covered)]
    return standing, covered


def catalogue() -> dict[str, tuple[Text, list[Check]]]:
    """Return every gate with its question and checks, for the operations manual."""
    return {name: (question, list(_checks[name])) for name, question in sorted(_questions.items())}
