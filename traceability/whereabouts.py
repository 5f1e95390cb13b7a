"""Where lots and units are now: in which store, with which consignee, on the way to whom.

The apps that know (stock, delivery) say it here, in the module their ``AppConfig.ready`` imports
for their part of a trace. "Now" is the moment of reading, whatever day a trace is asked "as known
at"; a long file reads it block by block.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count
from django.utils.translation import gettext as _

from erp.core.actor import Actor
from erp.core.quantities import plain
from traceability.models import Lot

Ids = Collection[int]


@dataclass(frozen=True, slots=True)
class Place:
    """A place with the quantity there, in the unit of the lot; without address where the reader
    may not look.
    """

    lot_id: int
    label: str
    url: str
    quantity: Decimal

    def __str__(self) -> str:
        return f"{self.label}: {plain(self.quantity)}"


Finder = Callable[[Actor, Ids], Iterable[Place]]

_finders: list[Finder] = []


def place_finder(finder: Finder) -> Finder:
    """Register ``finder(actor, lot_ids)``: a fixed number of queries, however many lots."""
    _finders.append(finder)
    return finder


def places_of(actor: Actor, lot_ids: Ids) -> Mapping[int, Sequence[Place]]:
    """Return the places of each of these lots; a lot of single units is where its units are.

    What was used up or destroyed is nowhere.
    """
    found: dict[int, list[Place]] = defaultdict(list)
    for finder in _finders:
        for place in finder(actor, lot_ids):
            found[place.lot_id].append(place)
    batches = Lot.objects.filter(batch_id__in=[pk for pk in lot_ids if pk not in found])
    units = batches.order_by("batch_id").values_list("batch_id").annotate(n=Count("pk"))
    for batch_id, count in units:
        place = Place(batch_id, _("in its units"), f"/lots/{batch_id}/", Decimal(count))
        found[batch_id].append(place)
    return found
