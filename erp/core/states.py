"""State tables: which verb leads from which state to which.

A status field changes only along its table. An illegal pair raises; nothing is dropped in silence.
The diagrams in ``docs/states.md`` are generated from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from erp.core.errors import IllegalStep, Text

S = TypeVar("S", bound=str)

REGISTRY: dict[str, StateTable[str]] = {}


@dataclass(frozen=True)
class StateTable(Generic[S]):
    """The legal steps of one kind of record.

    ``steps`` maps ``(state, verb)`` to the next state. ``labels`` gives the words shown to people.
    """

    name: str
    initial: S
    steps: Mapping[tuple[S, str], S]
    labels: Mapping[S, Text]
    tones: Mapping[S, str]

    def __post_init__(self) -> None:
        REGISTRY[self.name] = self  # type: ignore[assignment]

    def allows(self, state: S, verb: str) -> bool:
        """Tell whether ``verb`` is a legal step from ``state``."""
        return (state, verb) in self.steps

    def next(self, state: S, verb: str) -> S:
        """Return the state that ``verb`` leads to, or raise ``IllegalStep``."""
        try:
            return self.steps[(state, verb)]
        except KeyError:
            raise IllegalStep(verb=verb, state=self.labels.get(state, state)) from None

    def finals(self) -> frozenset[S]:
        """Return the states that have no way out."""
        sources = {state for state, _ in self.steps}
        return frozenset(self.labels) - frozenset(sources)

    def choices(self) -> list[tuple[str, Text]]:
        """Return ``(value, label)`` pairs for filters and model fields."""
        return [(str(state), label) for state, label in self.labels.items()]
