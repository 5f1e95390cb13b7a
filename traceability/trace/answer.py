"""What a trace answers with: plain, immutable values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text
from traceability.origins import FacetRow


class Direction(StrEnum):
    """Which way the question goes."""

    BACKWARD = "backward"
    FORWARD = "forward"
    BOTH = "both"
    SIBLINGS = "siblings"

    @property
    def label(self) -> Text:
        """Return the direction in words."""
        return DIRECTIONS[self]


DIRECTIONS: dict[Direction, Text] = {
    Direction.BACKWARD: _("What went into it?"),
    Direction.FORWARD: _("Where did it go?"),
    Direction.BOTH: _("Both ways"),
    Direction.SIBLINGS: _("What shared its exposure?"),
}


class Node(NamedTuple):
    """A lot or unit of the answer. ``level`` counts links from the start, below zero backward.

    ``whole`` is false for a lot that is in the answer only because some of its units are: the
    lot as
    such may be concerned, its other units are not.
    """

    lot_id: int
    level: int
    number: str
    kind: str
    state: str
    item_id: int
    item: str
    name: str
    item_kind: str
    batch_id: int | None
    site: str
    whole: bool = True
    marks: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Tell whether an open hold reaches the lot."""
        return "held" in self.marks


class Link(NamedTuple):
    """One lot that went into another by an event, with the quantities that really flowed.

    ``event_id`` is ``None`` where the link says only that a unit belongs to a lot: what is recorded
    of the lot holds for the unit, known per lot.
    """

    event_id: int | None
    input_id: int
    output_id: int
    input_quantity: Decimal | None
    output_quantity: Decimal | None
    precision: str
    event_time: dt.datetime | None
    biz_step: str

    @property
    def membership(self) -> bool:
        """Tell whether this is a unit belonging to a lot rather than an event."""
        return self.event_id is None


class Group(NamedTuple):
    """Lots of one item at one level, counted by kind and state."""

    level: int
    item_id: int
    item: str
    name: str
    item_kind: str
    kind: str
    state: str
    size: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Why an answer is not complete, in words and with the number of lots concerned."""

    code: str
    sentence: Text
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The size of an answer."""

    lots: int
    units: int
    items: int
    links: int
    events: int
    levels: int

    @property
    def nodes(self) -> int:
        """Return the number of lots and units together, the start included."""
        return self.lots + self.units


@dataclass(frozen=True, slots=True)
class Section:
    """A facet with its rows: facts beside the lots."""

    code: str
    title: Text
    side: str
    rows: Sequence[FacetRow]


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer in memory; for large ones iterate over the trace instead."""

    nodes: Sequence[Node]
    links: Sequence[Link]
    complete: bool
    gaps: Sequence[Gap]
