"""What an event of ours belongs to in business: said by the apps that know.

A trace event knows lots and places. The order it was done for, and between whom goods went, is told
by whoever owns those records, in a module their ``AppConfig.ready`` imports:

    @says
    def orders(event_ids):
        '''The purchase orders that receipts belong to.'''
        for link in ReceiptEvent.objects.filter(event_id__in=event_ids).select_related(...):
            yield Said(link.event_id, Fact.TRANSACTION, "po", record_uri("purchase-order", ...))

Every function is set-based: a fixed number of queries whatever the number of events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class Fact(StrEnum):
    """What is said: a business transaction, or one end of a movement."""

    TRANSACTION = "bizTransaction"
    SOURCE = "source"
    DESTINATION = "destination"


class Said(NamedTuple):
    """One fact about one event. ``type`` is a word of the CBV (``po``, ``owning_party``)."""

    event_id: int
    fact: Fact
    type: str
    uri: str


Sayer = Callable[[Collection[int]], Iterable[Said]]

SAYERS: list[Sayer] = []


def says(sayer: Sayer) -> Sayer:
    """Register a function that tells the business context of events."""
    SAYERS.append(sayer)
    return sayer


def said_of(event_ids: Collection[int]) -> Mapping[int, list[Said]]:
    """Return everything that is said about these events, in a stable order."""
    found: dict[int, list[Said]] = defaultdict(list)
    for sayer in SAYERS:
        for said in sayer(event_ids):
            found[said.event_id].append(said)
    return {pk: sorted(set(facts)) for pk, facts in found.items()}
