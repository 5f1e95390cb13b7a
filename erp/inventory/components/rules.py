"""From what was built in and taken out to how long each component was in a unit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """A quantity of a component that came into a unit or out of it, by an event."""

    component_id: int
    quantity: Decimal
    event_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """A quantity of a component in a unit, from one event until another (``None``: still there)."""

    component_id: int
    quantity: Decimal
    came: Change
    went: Change | None = None

    @property
    def current(self) -> bool:
        """Tell whether it is in the unit now."""
        return self.went is None

    def covers(self, moment: dt.datetime) -> bool:
        """Tell whether it was in the unit at a moment."""
        return self.came.at <= moment and (self.went is None or self.went.at > moment)


def stays(came: Iterable[Change], went: Iterable[Change]) -> list[Stay]:
    """Return how long each component was in the unit: what came first goes first."""
    present: dict[int, deque[Stay]] = defaultdict(deque)
    order: list[Stay] = []
    for change in sorted(came, key=_when):
        present[change.component_id].append(Stay(change.component_id, change.quantity, change))
    for change in sorted(went, key=_when):
        order += _ended(present[change.component_id], change)
    order += [stay for left in present.values() for stay in left]
    return sorted(order, key=lambda s: (s.came.at, s.came.event_id, s.component_id))


def _when(change: Change) -> tuple[dt.datetime, int]:
    return (change.at, change.event_id)


def _ended(present: deque[Stay], change: Change) -> Sequence[Stay]:
    """Take a quantity out of what is present; a part of a stay goes on with the rest."""
    ended, left = [], change.quantity
    while left > 0 and present:
        first = present.popleft()
        part = min(first.quantity, left)
        ended.append(replace(first, quantity=part, went=change))
        if first.quantity > part:
            present.appendleft(replace(first, quantity=first.quantity - part))
        left -= part
    return ended
