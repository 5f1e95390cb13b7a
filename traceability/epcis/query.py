"""The event query: the standard's parameters, each as one condition over indexed columns.

The same reading serves addresses (values joined by ``|``), named queries in JSON, and
subscriptions, so the three can never mean different things. A parameter nobody knows is refused,
never ignored: a filter that does nothing would answer too much.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from erp.core.quantities import DIGITS
from traceability.epcis import patterns
from traceability.epcis.errors import BadParameter
from traceability.epcis.identifiers import comparable
from traceability.epcis.models import EpcisEvent, EpcisReference, EpcisThing
from traceability.epcis.reading import SENSOR_TEXTS, SENSOR_TIMES, sortable
from traceability.epcis.vocabulary import bare

Role = EpcisThing.Role
Kind = EpcisReference.Kind
Values = Sequence[str]
Condition = Callable[[str, Values], Q]

PAGING = frozenset({"perPage", "nextPageToken"})
ORDERS = {"eventTime": "event_time", "recordTime": "record_time"}
MAX_VALUES = 1000


@dataclass(frozen=True)
class EventQueryText:
    """A query as it was asked: parameter to values."""

    parameters: Mapping[str, Values] = field(default_factory=dict)

    @property
    def question(self) -> str:
        """Return the query in one form, to know it again."""
        return json.dumps(sorted((k, list(v)) for k, v in self.parameters.items()))

    def one(self, name: str) -> str:
        """Return a parameter that has one value, empty where it is not given."""
        return _single(name, self.parameters[name]) if name in self.parameters else ""


def from_address(query: QueryDict, *, leave: Sequence[str] = ()) -> EventQueryText:
    """Return the query of an address; arrays are written ``a|b``, or by repeating the name."""
    found: dict[str, Values] = {}
    for name, texts in query.lists():
        if name in PAGING or name in leave:
            continue
        values = [v for text in texts for v in (text.split("|") if _is_list(name) else [text])]
        found[name] = [v.strip() for v in values]
    return _checked(found)


def from_json(body: Any) -> EventQueryText:
    """Return the query of a JSON object, as named queries hold it."""
    if not isinstance(body, Mapping):
        raise BadParameter(name="query", reason=_("a JSON object is expected"))
    found: dict[str, Values] = {}
    for name, value in body.items():
        if name == "@context":
            continue
        values = value if isinstance(value, list) else [value]
        if any(isinstance(v, Mapping | list) or v is None for v in values):
            raise BadParameter(name=name, reason=_("texts, numbers or lists of them are expected"))
        found[name] = [_plain(v) for v in values]
    return _checked(found)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _checked(found: Mapping[str, Values]) -> EventQueryText:
    """Refuse what cannot be asked, before anything is looked up."""
    for name, values in found.items():
        if not values or any(not v for v in values):
            raise BadParameter(name=name, reason=_("it has no value"))
        if len(values) > MAX_VALUES:
            reason = _("at most %(n)s values") % {"n": MAX_VALUES}
            raise BadParameter(name=name, reason=reason)
        if any("\x00" in v for v in values):
            raise BadParameter(name=name, reason="U+0000")
    asked = EventQueryText(found)
    conditions(asked)
    order_of(asked)
    limits_of(asked)
    return asked


def conditions(asked: EventQueryText) -> list[Q]:
    """Return one condition per parameter; an event must meet all (EPCIS 2.0, 8.2.7.1)."""
    return [
        _condition(name)(name, values)
        for name, values in asked.parameters.items()
        if name not in _CONTROLS
    ]


def select(events: QuerySet[EpcisEvent], asked: EventQueryText) -> QuerySet[EpcisEvent]:
    """Return the events that meet the query, unordered."""
    for condition in conditions(asked):
        events = events.filter(condition)
    return events


@dataclass(frozen=True, slots=True)
class Order:
    """How results are sorted. Without a wish: as they were recorded, so that paging is stable."""

    column: str = "id"
    descending: bool = False

    def sort(self, events: QuerySet[EpcisEvent]) -> QuerySet[EpcisEvent]:
        """Return the events in this order; equal ones by id, so that the order is one."""
        names = [self.column] if self.column == "id" else [self.column, "id"]
        return events.order_by(*(f"-{n}" if self.descending else n for n in names))

    def after(self, value: str, pk: int) -> Q:
        """Return the condition of what comes after this event."""
        word = "lt" if self.descending else "gt"
        if self.column == "id":
            return Q(**{f"id__{word}": pk})
        moment = dt.datetime.fromisoformat(value)
        return Q(**{f"{self.column}__{word}": moment}) | Q(
            **{self.column: moment, f"id__{word}": pk}
        )

    def value(self, event: EpcisEvent) -> str:
        """Return what a page token holds of an event."""
        return "" if self.column == "id" else getattr(event, self.column).isoformat()


def order_of(asked: EventQueryText) -> Order:
    """Return the order asked for; newest first where only the field is named."""
    name, direction = asked.one("orderBy"), asked.one("orderDirection")
    if direction not in {"", "ASC", "DESC"}:
        raise BadParameter(name="orderDirection", reason="ASC, DESC")
    if not name:
        return Order(descending=direction == "DESC")
    if name not in ORDERS:
        raise BadParameter(name="orderBy", reason=", ".join(ORDERS))
    return Order(ORDERS[name], descending=direction != "ASC")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many events are wanted at most, and beyond how many the caller wants an error."""

    first: int | None = None
    most: int | None = None


def limits_of(asked: EventQueryText) -> Limits:
    """Return the limits; the two exclude each other, and "the first n" needs an order."""
    first, most = asked.one("eventCountLimit"), asked.one("maxEventCount")
    if first and most:
        reason = _("“%(other)s” is given as well; they exclude each other")
        raise BadParameter(name="eventCountLimit", reason=reason % {"other": "maxEventCount"})
    if first and not asked.one("orderBy"):
        raise BadParameter(name="eventCountLimit", reason=_("it needs “orderBy”"))
    return Limits(_count("eventCountLimit", first), _count("maxEventCount", most))


def _count(name: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or not int(text):  # noqa: PLR2004
        raise BadParameter(name=name, reason=_("a whole number above zero is expected"))
    return int(text)


# Conditions


def _single(name: str, values: Values) -> str:
    if len(values) != 1:
        raise BadParameter(name=name, reason=_("one value is expected"))
    return values[0]


def _moment(name: str, values: Values) -> dt.datetime:
    text = _single(name, values)
    try:
        # A plus in an address reads as a blank where the caller did not escape it.
        moment = dt.datetime.fromisoformat(text.replace(" ", "+").upper())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        reason = _("a date and time with zone is expected, such as 2026-11-22T10:00:00+01:00")
        raise BadParameter(name=name, reason=reason)
    return moment


def _instant(column: str) -> Condition:
    def condition(name: str, values: Values) -> Q:
        word = "gte" if name.startswith("GE_") else "lt"
        return Q(**{f"{column}__{word}": _moment(name, values)})

    return condition


def _equals(column: str) -> Condition:
    return lambda _name, values: Q(**{f"{column}__in": list(values)})


def _in_words(column: str, vocabulary: str) -> Condition:
    return lambda _name, values: Q(**{f"{column}__in": [bare(vocabulary, v) for v in values]})


def _action(name: str, values: Values) -> Q:
    if set(values) - {"ADD", "OBSERVE", "DELETE"}:
        raise BadParameter(name=name, reason="ADD, OBSERVE, DELETE")
    return Q(action__in=list(values))


def _places(column: str) -> Condition:
    return lambda _name, values: Q(**{f"{column}__in": [comparable(v) for v in values]})


def _with_descendants(column: str) -> Condition:
    """A place with what lies in it: our places, and GLN extensions, continue their site's name."""

    def condition(_name: str, values: Values) -> Q:
        found = Q()
        for value in map(comparable, values):
            found |= Q(**{column: value}) | Q(**{f"{column}__startswith": f"{value}/"})
        return found

    return condition


def _things(roles: Sequence[str], *, classes: bool) -> Condition:
    def condition(_name: str, values: Values) -> Q:
        rows = EpcisThing.objects.filter(patterns.matching(values, classes=classes))
        rows = rows.filter(role__in=roles, is_class=classes)
        return Q(pk__in=rows.values("event_id"))

    return condition


def _quantity(name: str, values: Values) -> Q:
    text = _single(name, values)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > DIGITS:
        raise BadParameter(name=name, reason=_("a number is expected"))
    word = {"EQ": "exact", "GT": "gt", "GE": "gte", "LT": "lt", "LE": "lte"}[name[:2]]
    rows = EpcisThing.objects.filter(**{f"quantity__{word}": number})
    return Q(pk__in=rows.values("event_id"))


def _references(kind: str, vocabulary: str = "") -> Condition:
    def condition(name: str, values: Values) -> Q:
        rows = EpcisReference.objects.filter(kind=kind)
        if kind in {Kind.SET, Kind.UNSET}:
            wanted = [bare("disposition", v) for v in values]
        else:
            wanted = [comparable(v) for v in values]
        if vocabulary:
            rows = rows.filter(type=bare(vocabulary, name.split("_", 2)[2]))
        return Q(pk__in=rows.filter(uri__in=wanted).values("event_id"))

    return condition


def _exists_error(name: str, values: Values) -> Q:
    text = _single(name, values).lower()
    if text not in {"true", "false"}:
        raise BadParameter(name=name, reason="true, false")
    return Q(declares_error=True) if text == "true" else Q()


def _sensor(name: str, values: Values) -> Q:
    rows = EpcisReference.objects.filter(kind=Kind.SENSOR, type=name.partition("_")[2])
    return Q(pk__in=rows.filter(uri__in=[comparable(v) for v in values]).values("event_id"))


def _sensor_time(name: str, values: Values) -> Q:
    word = "gte" if name.startswith("GE_") else "lt"
    rows = EpcisReference.objects.filter(kind=Kind.SENSOR, type=name.partition("_")[2])
    rows = rows.filter(**{f"uri__{word}": sortable(_moment(name, values))})
    return Q(pk__in=rows.values("event_id"))


_OBJECTS = (Role.OBJECT, Role.CHILD)
_EVERY = tuple(Role.values)
_CONTROLS = frozenset({"orderBy", "orderDirection", "eventCountLimit", "maxEventCount"})

PARAMETERS: Mapping[str, Condition] = {
    "eventType": _equals("event_type"),
    "GE_eventTime": _instant("event_time"),
    "LT_eventTime": _instant("event_time"),
    "GE_recordTime": _instant("record_time"),
    "LT_recordTime": _instant("record_time"),
    "EQ_action": _action,
    "EQ_bizStep": _in_words("biz_step", "bizStep"),
    "EQ_disposition": _in_words("disposition", "disposition"),
    "EQ_persistentDisposition_set": _references(Kind.SET),
    "EQ_persistentDisposition_unset": _references(Kind.UNSET),
    "EQ_readPoint": _places("read_point"),
    "WD_readPoint": _with_descendants("read_point"),
    "EQ_bizLocation": _places("biz_location"),
    "WD_bizLocation": _with_descendants("biz_location"),
    "EQ_transformationID": _equals("transformation_id"),
    "MATCH_epc": _things(_OBJECTS, classes=False),
    "MATCH_parentID": _things((Role.PARENT,), classes=False),
    "MATCH_inputEPC": _things((Role.INPUT,), classes=False),
    "MATCH_outputEPC": _things((Role.OUTPUT,), classes=False),
    "MATCH_anyEPC": _things(_EVERY, classes=False),
    "MATCH_epcClass": _things(_OBJECTS, classes=True),
    "MATCH_inputEPCClass": _things((Role.INPUT,), classes=True),
    "MATCH_outputEPCClass": _things((Role.OUTPUT,), classes=True),
    "MATCH_anyEPCClass": _things(_EVERY, classes=True),
    **dict.fromkeys(
        ("EQ_quantity", "GT_quantity", "GE_quantity", "LT_quantity", "LE_quantity"), _quantity
    ),
    "EQ_eventID": _equals("event_id"),
    "EXISTS_errorDeclaration": _exists_error,
    "GE_errorDeclarationTime": _instant("error_time"),
    "LT_errorDeclarationTime": _instant("error_time"),
    "EQ_errorReason": _in_words("error_reason", "error-reason"),
    "EQ_correctiveEventID": _references(Kind.CORRECTIVE),
    **{f"EQ_{name}": _sensor for name in SENSOR_TEXTS},
    **{f"{word}_{name}": _sensor_time for name in SENSOR_TIMES for word in ("GE", "LT")},
}
"""Every parameter with what it means."""

_BY_TYPE: Mapping[str, Condition] = {
    "EQ_bizTransaction_": _references(Kind.TRANSACTION, "bizTransaction-type"),
    "EQ_source_": _references(Kind.SOURCE, "source-dest-type"),
    "EQ_destination_": _references(Kind.DESTINATION, "source-dest-type"),
}
"""Parameters whose name ends with the type they ask for."""


def _condition(name: str) -> Condition:
    known = PARAMETERS.get(name)
    if known is not None:
        return known
    for start, condition in _BY_TYPE.items():
        if name.startswith(start) and name != start:
            return condition
    raise BadParameter(name=name[:100], reason=_("it is not known"))


def _is_list(name: str) -> bool:
    return name.startswith(("MATCH_", "WD_", "EQ_")) or name == "eventType"


def joined(kept: EventQueryText, given: EventQueryText) -> EventQueryText:
    """Return a named query narrowed by further parameters; what it says itself stays."""
    twice = sorted(set(kept.parameters) & set(given.parameters))
    if twice:
        raise BadParameter(name=twice[0], reason=_("the named query says it already"))
    return _checked({**kept.parameters, **given.parameters})
