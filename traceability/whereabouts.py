"""Where lots and units are now: in which store, with which consignee.

The apps that know (stock, delivery) say it here, in the module their ``AppConfig.ready`` imports
for their part of a trace. "Now" is the time of asking, whatever day a trace is asked "as known at".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.core.quantities import plain

Ids = Collection[int]


@dataclass(frozen=True, slots=True)
class Place:
    """A place with the quantity there, in the unit of the lot."""

    lot_id: int
    label: str
    url: str
    quantity: Decimal

    def __str__(self) -> str:
        return f"{self.label}: {plain(self.quantity)}"


Finder = Callable[[Ids], Iterable[Place]]

_finders: list[Finder] = []


def whereabouts(finder: Finder) -> Finder:
    """Register ``finder(lot_ids)``: a fixed number of queries, however many lots there are."""
    _finders.append(finder)
    return finder


def places_of(lot_ids: Ids) -> Mapping[int, Sequence[Place]]:
    """Return the places of each of these lots; of one used up or destroyed there are none."""
    found: dict[int, list[Place]] = defaultdict(list)
    for finder in _finders:
        for place in finder(lot_ids):
            found[place.lot_id].append(place)
    return found
