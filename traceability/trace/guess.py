"""What a bare number may mean: people type what is printed, not the kind of record it names."""

from __future__ import annotations

from dataclasses import dataclass

from erp.core.actor import Actor
from erp.core.errors import Text
from traceability.origins import ORIGINS, visible

MOST_OF_A_KIND = 20


@dataclass(frozen=True)
class Guess:
    """A record that a bare number may mean."""

    kind: Text
    label: str
    detail: str
    token: str


def guesses(actor: Actor, number: str) -> list[Guess]:
    """Return the records of every kind that carry this number and may start a trace."""
    found: dict[str, Guess] = {}
    for code, origin in ORIGINS.items():
        key = origin.natural_key()
        for row in origin.called(visible(origin.model_class(), actor), number)[:MOST_OF_A_KIND]:
            token = f"{code}:{row.pk}" if origin.by_id else f"{code}:{number}"
            detail = str(getattr(row, "item", "") or row)
            label = str(getattr(row, key) if key else row)
            found[token] = Guess(origin.label, label, detail, token)
    return list(found.values())
