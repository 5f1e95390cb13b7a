"""What corrections tell the higher apps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventsDeclaredWrong:
    """Events were declared wrong and the ledger follows; figures made of them do no longer count.

    ``event_ids`` are the wrong events, all that one operation recorded; ``operation_id`` names it.
    """

    declaration_id: int
    event_ids: tuple[int, ...]
    lot_ids: frozenset[int]
    operation_id: str
