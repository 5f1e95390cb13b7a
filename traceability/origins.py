"""Where a trace may start, and what it shows beside lots: registered by whoever owns the records.

A trace walks lots. Higher apps know what else touched an event (instrument, work order, shipment,
supplier) and say it here, in a module their ``AppConfig.ready`` imports:

    @origin("instrument", label=_("instrument"), model="equipment.Instrument")
    def events(ids, since, until):
        '''Events these instruments measured.'''
        used = InstrumentUse.objects.filter(instrument_id__in=ids)
        return within(TraceEvent.objects.filter(pk__in=used.values("event_id")), since, until)

    @facet("instruments", title=_("Instruments"), order=50)
    def rows(event_ids, lot_ids):
        '''Instruments used on the way.'''
        used = InstrumentUse.objects.filter(event_id__in=event_ids).values(...)
        return [FacetRow(label, url, detail) for ...]

Every function is set-based: a fixed number of queries whatever the number of ids. The collections
it is given may hold 100,000 ids; put them into ``__in`` as they are (they become one array).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, TypeVar

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from erp.core.actor import Actor
from erp.core.errors import Text
from traceability.ids import IdSet
from traceability.models import TraceEvent

Ids = Collection[int]
Events = Callable[[Ids, "dt.datetime | None", "dt.datetime | None"], "QuerySet[TraceEvent]"]
Lots = Callable[[Ids, "dt.datetime | None", "dt.datetime | None"], Collection[int]]
Named = Callable[[str], Q]
Side = Literal["", "source", "target"]
Entry = TypeVar("Entry")
PG_INT_MAX = 2**63 - 1
NATURAL_KEYS = ("number", "code", "username")


@dataclass(frozen=True, slots=True)
class FacetRow:
    """One fact beside the trace: a supplier, an inspection, a shipment.

    ``lot_ids`` are the lots of the trace it belongs to, so that the page can link and draw it.
    """

    label: Text
    url: str
    detail: Text
    lot_ids: tuple[int, ...] = ()
    at: dt.datetime | None = None


Rows = Callable[[Ids, Ids], Sequence[FacetRow]]


@dataclass(frozen=True)
class Origin:
    """A kind of record a trace can start from, by the events the record touched.

    ``key`` is the field people know the record by, so that ``instrument:C-17`` works as well as
    ``instrument:17``; ``period`` tells whether asking for a time span makes sense. ``lots`` is set,
    instead of ``events``, where the record names lots and no event.
    """

    code: str
    label: Text
    model: str
    key: str
    period: bool
    by_id: bool = True
    events: Events | None = None
    lots: Lots | None = None
    named: Named | None = None
    """Finds the records by a name that is no single field, such as item and revision."""

    def find(self, actor: Actor, value: str) -> QuerySet[Any]:
        """Return the records of this name, or else of this id, that the actor may see."""
        rows = visible(self.model_class(), actor)
        named = self.called(rows, value)
        whole = self.by_id and value.isdecimal() and int(value) <= PG_INT_MAX
        # A number wins over an id that happens to read the same.
        return rows.filter(pk=int(value)) if whole and not named.exists() else named

    def called(self, rows: QuerySet[Any], name: str) -> QuerySet[Any]:
        """Keep the records that people know by this name."""
        if self.named is not None:
            return rows.filter(self.named(name))
        key = self.natural_key()
        return rows.filter(**{key: name}) if key else rows.none()

    def natural_key(self) -> str:
        """Return the field people know the record by, empty when only the id names it."""
        names = {f.name for f in self.model_class()._meta.get_fields()}
        return self.key or next((name for name in NATURAL_KEYS if name in names), "")

    def model_class(self) -> type[Model]:
        """Return the model class (late, so that lower apps need not import it)."""
        return apps.get_model(self.model)


@dataclass(frozen=True)
class Facet:
    """A section of facts beside the trace.

    ``side`` puts its rows into the graph: sources (suppliers) on the left, targets (customers) on
    the right of the lots they name. ``backward`` and ``forward`` tell for which questions it is
    asked.
    """

    code: str
    title: Text
    order: int
    rows: Rows
    side: Side = ""
    backward: bool = True
    forward: bool = True


@dataclass(frozen=True)
class Mark:
    """A warning on lots, such as "on hold": ``lots(ids)`` returns those of the given that bear
    it.
    """

    code: str
    label: Text
    tone: str
    lots: Callable[[Ids], Collection[int]]


@dataclass(frozen=True)
class Figure:
    """One column of the mass balance of a lot: what came in (``sign`` +1) or where it is (-1)."""

    code: str
    label: Text
    sign: int
    order: int
    quantities: Callable[[Ids], Mapping[int, Decimal]]


@dataclass(frozen=True)
class Tally:
    """One phrase of the answer in words ("37 customers in 5 countries"), empty when there is
    nothing.
    """

    code: str
    order: int
    words: Callable[[Ids, Ids], Text]
    backward: bool = True
    forward: bool = True
    remark: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """A record that lots were exposed to: a work order, a cycle, an instrument as calibrated."""

    label: str
    url: str
    detail: Text = ""


@dataclass(frozen=True)
class Exposed:
    """What lots were exposed to, by key; and a query of (key, event) of all their events."""

    records: Mapping[int, Shared]
    events: QuerySet[Any, Any] | None = None


@dataclass(frozen=True)
class Exposure:
    """A way in which lots are siblings: they went through the same record of this kind.

    ``of(event_ids)`` names the records that touched these events, and asks for all their events.
    """

    code: str
    label: Text
    order: int
    of: Callable[[Ids], Exposed]


@dataclass(frozen=True)
class Scope:
    """What a story is told about.

    ``own`` are the lots asked about, with the lot of a unit and the units of a lot; ``before`` went
    into them and ``after`` came of them, where the story reaches so far.
    """

    own: Ids
    before: Ids = ()
    after: Ids = ()
    elsewhere: int = 0
    """How many neighbours the story leaves out, because the reader may not see them."""

    @cached_property
    def on(self) -> Ids:
        """Return what is asked about and what came of it."""
        return IdSet(sorted({*self.own, *self.after}))


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a story, with the records it rests on; ``missing`` where nothing is known."""

    sentence: Text
    links: Sequence[tuple[str, str]] = ()
    """(number, address) of the records, the first few."""
    at: dt.datetime | None = None
    missing: bool = False


@dataclass(frozen=True)
class Telling:
    """One stage of a story ("Received", "Inspected"), told by the app that owns its records."""

    code: str
    title: Text
    order: int
    lines: Callable[[Scope], Sequence[Line]]


ORIGINS: dict[str, Origin] = {}
FACETS: dict[str, Facet] = {}
MARKS: dict[str, Mark] = {}
FIGURES: dict[str, Figure] = {}
TALLIES: dict[str, Tally] = {}
EXPOSURES: dict[str, Exposure] = {}
TELLINGS: dict[str, Telling] = {}


class RegisteredTwice(ValueError):
    """Two modules claim one code: a mistake of the programmer, found when the apps start."""


def _enter(registry: dict[str, Entry], code: str, entry: Entry) -> None:
    """Put an entry into a registry; which of two were shown would depend on the order of apps."""
    if code in registry:
        raise RegisteredTwice(f"{type(entry).__name__} {code!r} is registered already.")
    registry[code] = entry


def origin(
    code: str, *, label: Text, model: str, key: str = "", period: bool = True
) -> Callable[[Events], Events]:
    """Register ``events(ids, since, until)``: the trace events that these records touched.

    ``key`` is the field people know the record by; when not given, ``number`` or ``code`` of the
    model is taken where there is one.
    """

    def register(events: Events) -> Events:
        _enter(ORIGINS, code, Origin(code, label, model, key, period, events=events))
        return events

    return register


def lot_origin(
    code: str,
    *,
    label: Text,
    model: str,
    key: str | Named = "",
    period: bool = False,
    by_id: bool = True,
) -> Callable[[Lots], Lots]:
    """Register ``lots(ids, since, until)``: the lots that these records name directly.

    ``key`` may be a function from a name to a condition, where the name is no single field.
    """
    name, named = (key, None) if isinstance(key, str) else ("", key)

    def register(lots: Lots) -> Lots:
        _enter(
            ORIGINS, code, Origin(code, label, model, name, period, by_id, lots=lots, named=named)
        )
        return lots

    return register


def facet(
    code: str,
    *,
    title: Text,
    order: int,
    side: Side = "",
    backward: bool = True,
    forward: bool = True,
) -> Callable[[Rows], Rows]:
    """Register ``rows(event_ids, lot_ids)``: facts that belong to the events and lots of a
    trace.
    """

    def register(rows: Rows) -> Rows:
        _enter(FACETS, code, Facet(code, title, order, rows, side, backward, forward))
        return rows

    return register


def mark(
    code: str, *, label: Text, tone: str = "bad"
) -> Callable[[Callable[[Ids], Collection[int]]], Callable[[Ids], Collection[int]]]:
    """Register ``lots(ids)``: those of the given lots that bear this warning."""

    def register(lots: Callable[[Ids], Collection[int]]) -> Callable[[Ids], Collection[int]]:
        _enter(MARKS, code, Mark(code, label, tone, lots))
        return lots

    return register


def figure(
    code: str, *, label: Text, sign: int, order: int
) -> Callable[[Callable[[Ids], Mapping[int, Decimal]]], Callable[[Ids], Mapping[int, Decimal]]]:
    """Register ``quantities(lot_ids)``: one column of the mass balance, lot id to quantity."""

    def register(
        quantities: Callable[[Ids], Mapping[int, Decimal]],
    ) -> Callable[[Ids], Mapping[int, Decimal]]:
        _enter(FIGURES, code, Figure(code, label, sign, order, quantities))
        return quantities

    return register


def tally(
    code: str, *, order: int, backward: bool = True, forward: bool = True, remark: bool = False
) -> Callable[[Callable[[Ids, Ids], Text]], Callable[[Ids, Ids], Text]]:
    """Register ``words(event_ids, lot_ids)``: one phrase of the answer in words."""

    def register(words: Callable[[Ids, Ids], Text]) -> Callable[[Ids, Ids], Text]:
        _enter(TALLIES, code, Tally(code, order, words, backward, forward, remark))
        return words

    return register


def exposure(
    code: str, *, label: Text, order: int
) -> Callable[[Callable[[Ids], Exposed]], Callable[[Ids], Exposed]]:
    """Register ``exposed(event_ids)``: records that touched these events and make lots siblings."""

    def register(of: Callable[[Ids], Exposed]) -> Callable[[Ids], Exposed]:
        _enter(EXPOSURES, code, Exposure(code, label, order, of))
        return of

    return register


Lines = Callable[[Scope], Sequence[Line]]


def telling(code: str, *, title: Text, order: int) -> Callable[[Lines], Lines]:
    """Register ``lines(scope)``: the sentences of one stage of a story, in a few queries."""

    def register(lines: Lines) -> Lines:
        _enter(TELLINGS, code, Telling(code, title, order, lines))
        return lines

    return register


def within(
    events: QuerySet[TraceEvent], since: dt.datetime | None, until: dt.datetime | None
) -> QuerySet[TraceEvent]:
    """Keep the events that happened from ``since`` up to and without ``until``."""
    if since is not None:
        events = events.filter(event_time__gte=since)
    if until is not None:
        events = events.filter(event_time__lt=until)
    return events


def visible(model: type[Model], actor: Actor) -> QuerySet[Any]:
    """Return the records of a model that the actor may see."""
    manager: Any = model._default_manager
    return manager.visible_to(actor) if hasattr(manager, "visible_to") else manager.all()  # type: ignore[no-any-return]
