"""Checks of evidence, registered by whoever owns the facts they look at.

A check is given lots and names those whose evidence is broken. Higher apps register theirs in a
module their ``AppConfig.ready`` imports:

    @evidence_check(
        "lot_without_inspection",
        title=_("Received without inspection"),
        wrong=_("It was received on %(date)s; nobody inspected it."),
        why=_("Nothing shows that it met its specification when it was used."),
        order=60,
    )
    def not_inspected(lots: IdSet) -> Iterable[Found]:
        '''Received lots of items that are inspected at receipt, without an inspection.'''
        return found_by(SQL, lots)

Every check is set-based: a fixed number of statements whatever the number of lots. It is asked for
some ten thousand lots at a time, so that a run over everything has bounded memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from erp.core.errors import Text
from traceability.ids import IdSet
from traceability.trace.void import VOID_SQL


class Found(NamedTuple):
    """One broken piece of evidence: the lot, what fills the sentence, and the event concerned."""

    lot_id: int
    facts: Mapping[str, str] = {}
    event_id: int | None = None


Find = Callable[[IdSet], Iterable[Found]]
Touched = Callable[[dt.datetime], Iterable[int]]


@dataclass(frozen=True)
class EvidenceCheck:
    """A check. ``wrong`` says what is wrong, with places for the facts; ``why`` why it matters.

    ``repairs`` are the codes of the operations that may mend it; explaining is always possible.
    """

    code: str
    title: Text
    wrong: Text
    why: Text
    order: int
    find: Find
    repairs: tuple[str, ...] = field(default=())

    def sentence(self, facts: Mapping[str, Any]) -> str:
        """Return what is wrong, in the active language; a missing fact is shown as missing."""
        return str(self.wrong) % _Facts(facts)


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


CHECKS: dict[str, EvidenceCheck] = {}
TOUCHED: dict[str, Touched] = {}


def evidence_check(
    code: str, *, title: Text, wrong: Text, why: Text, order: int, repairs: tuple[str, ...] = ()
) -> Callable[[Find], Find]:
    """Register ``find(lots)`` as a check."""

    def register(find: Find) -> Find:
        CHECKS[code] = EvidenceCheck(code, title, wrong, why, order, find, repairs)
        return find

    return register


def touched_lots(code: str) -> Callable[[Touched], Touched]:
    """Register ``lots(since)``: those whose facts changed, for checks between two full ones."""

    def register(lots: Touched) -> Touched:
        TOUCHED[code] = lots
        return lots

    return register


def ordered_checks() -> list[EvidenceCheck]:
    """Return all checks in their order."""
    return sorted(CHECKS.values(), key=lambda check: (check.order, check.code))


GIVEN = f"""
    WITH void AS MATERIALIZED ({VOID_SQL}),
    given AS MATERIALIZED (
        SELECT l.* FROM traceability_lot l
        WHERE l.id IN (SELECT unnest(%(lots)s::bigint[])))
"""  # noqa: S608 - a constant, no input
"""The beginning of a check in SQL: ``given`` are the lots, ``void`` the events that were not."""


def found_by(statement: str, lots: IdSet, **values: Any) -> Iterator[Found]:
    """Run a check in SQL over ``given``; its rows are lot, event or null, facts as JSON."""
    parameters = {"lots": lots.literal, "at": None, "void_too": False, **values}
    with connection.cursor() as cursor:
        cursor.execute(GIVEN + statement, parameters)
        rows = cursor.fetchall()
    return (Found(lot, _facts(facts), event) for lot, event, facts in rows)


def _facts(value: Any) -> dict[str, str]:
    given = value if isinstance(value, dict) else {}
    return {key: "" if fact is None else str(fact) for key, fact in given.items()}
