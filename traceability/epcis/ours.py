"""Our trace events as EPCIS 2.0 events with CBV vocabulary.

Set by set: the number of queries does not depend on the number of events. The same event gives the
same document, and so the same hash id, whoever asks for it and when, as long as the identifiers of
its items and places stand.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp.accounts.models import Site
from erp.core.quantities import plain
from traceability.epcis import names, vocabulary
from traceability.epcis.context import Fact, Said, said_of
from traceability.epcis.hash import event_hash
from traceability.epcis.models import EpcisLink
from traceability.epcis.reading import NAMESPACE
from traceability.models import EventInput, EventOutput, EventSubject, Lot, TraceEvent
from traceability.trace.void import DID_NOT_OCCUR

CONTEXT: list[Any] = [{"proofline": NAMESPACE}]
"""Our extension: ``proofline:event`` is the trace event, ``proofline:lots`` which units belong to
which lot where the instance data cannot say it."""

TYPES = {
    TraceEvent.Kind.OBJECT: "ObjectEvent",
    TraceEvent.Kind.AGGREGATION: "AggregationEvent",
    TraceEvent.Kind.TRANSFORMATION: "TransformationEvent",
    TraceEvent.Kind.ASSOCIATION: "AssociationEvent",
    TraceEvent.Kind.TRANSACTION: "TransactionEvent",
}
_UOM = {"kg": "KGM", "g": "GRM", "m": "MTR", "L": "LTR", "mL": "MLT"}
_LEAVING = frozenset({"shipping", "departing", "returning", "destroying", "decommissioning"})
_LASTING: Mapping[tuple[str, str], Mapping[str, list[str]]] = {
    ("receiving", "in_progress"): {"unset": ["in_transit"]},
    ("releasing", "conformant"): {"set": ["conformant"]},
    ("inspecting", "non_conformant"): {"set": ["non_conformant"]},
    ("holding", "recalled"): {"set": ["recalled"]},
}
"""What an event changes for good. ``releasing`` and ``hold_lifted`` stand as steps of our own: the
vocabulary has none for the decision of the responsible person, nor for the end of a hold."""

_LINES = ((EventInput, "inputs"), (EventOutput, "outputs"), (EventSubject, "subjects"))


@dataclass(slots=True)
class _Lines:
    inputs: dict[Lot, Decimal | None] = field(default_factory=dict)
    outputs: dict[Lot, Decimal | None] = field(default_factory=dict)
    subjects: dict[Lot, Decimal | None] = field(default_factory=dict)
    gtins: Mapping[int, str] = field(default_factory=dict)
    """The GTIN on the label of each lot, by lot id; one without is named by an address of ours."""


@dataclass(frozen=True)
class Own:
    """One of our events, ready to be told."""

    trace_event_id: int
    site: Site
    document: dict[str, Any]


def exported(trace_event_ids: Collection[int]) -> Iterator[Own]:
    """Yield these events in the order they were recorded; an event without lots is none."""
    rows = _events(trace_event_ids)
    declared = [e.corrects_id for e in rows if e.corrects_id and _is_void(e)]
    wrong = _documents(_events(declared)) if declared else {}
    documents = _documents([e for e in rows if not _is_void(e)])
    published = _published(declared)
    for event in rows:
        if _is_void(event) and event.corrects_id:
            body = published.get(event.corrects_id) or wrong.get(event.corrects_id)
            document = _declaration(event, body) if body else None
        else:
            document = documents.get(event.pk)
        if document:
            yield Own(event.pk, event.site, document)


def _is_void(event: TraceEvent) -> bool:
    return bool(event.corrects_id) and DID_NOT_OCCUR in {event.disposition, event.note}


def _events(pks: Collection[int | None]) -> list[TraceEvent]:
    rows = TraceEvent.objects.filter(pk__in=[pk for pk in pks if pk is not None]).order_by("pk")
    return list(rows.select_related("site__company", "location__site"))


def _published(pks: Collection[int | None]) -> dict[int, dict[str, Any]]:
    links = EpcisLink.objects.filter(trace_event_id__in=pks, event__declares_error=False)
    return {
        link.trace_event_id: {**link.event.document, "@context": link.event.context}
        for link in links.select_related("event")
    }


def _documents(events: Sequence[TraceEvent]) -> dict[int, dict[str, Any]]:
    pks = [e.pk for e in events]
    lines, said = _lines(pks), said_of(pks)
    found = {}
    for event in events:
        own = lines.get(event.pk)
        if own is not None:
            body = _body(event, own, said.get(event.pk, ()))
            body["eventID"] = event_hash(body, {"proofline": NAMESPACE})
            found[event.pk] = {"@context": CONTEXT, **body}
    return found


def _lines(pks: Sequence[int]) -> dict[int, _Lines]:
    found: dict[int, _Lines] = defaultdict(_Lines)
    for model, name in _LINES:
        rows = model._default_manager.filter(event_id__in=pks).select_related(
            "lot__item", "lot__batch"
        )
        for line in rows.order_by("event_id", "lot_id"):
            getattr(found[line.event_id], name)[line.lot] = line.quantity
    every = [lot for of in found.values() for lot in (*of.inputs, *of.outputs, *of.subjects)]
    gtins = names.gtins_of(every)
    for lines in found.values():
        lines.gtins = gtins
    return found


def _body(event: TraceEvent, lines: _Lines, said: Sequence[Said]) -> dict[str, Any]:
    kind = _type(event, lines)
    body: dict[str, Any] = {
        "type": kind,
        "eventTime": _text(event.event_time, event.zone_offset),
        "eventTimeZoneOffset": event.zone_offset,
        **_what(kind, lines),
    }
    if kind != "TransformationEvent":
        body["action"] = _action(event, kind)
    body["bizStep"] = _word("bizStep", event.biz_step)
    if event.disposition:
        body["disposition"] = _word("disposition", event.disposition)
    lasting = _LASTING.get((event.biz_step, event.disposition))
    if lasting and kind != "AssociationEvent":
        body["persistentDisposition"] = lasting
    body |= _where(event)
    body |= _why(said)
    body |= _born(body, lines)
    body["proofline:event"] = names.record_uri("event", str(event.pk))
    return body


def _type(event: TraceEvent, lines: _Lines) -> str:
    """A transformation needs both sides; with one it is the making, or the end, of objects."""
    kind = TYPES[TraceEvent.Kind(event.kind)]
    whole = kind == "TransformationEvent" and lines.inputs and lines.outputs
    return kind if kind == "TransactionEvent" or whole else "ObjectEvent"


def _action(event: TraceEvent, kind: str) -> str:
    """A receipt adds nothing to the world: the maker's event did (CBV 2.0, receiving)."""
    if event.biz_step == "receiving":
        return "OBSERVE"
    if event.action:
        return event.action
    return "ADD" if event.kind == TraceEvent.Kind.TRANSFORMATION else "OBSERVE"


def _text(moment: dt.datetime, offset: str) -> str:
    """Return the event time as it was at the place, to the microsecond."""
    sign = -1 if offset.startswith("-") else 1
    hours, minutes = (int(part) for part in offset[1:].split(":"))
    zone = dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes))
    return moment.astimezone(zone).isoformat(timespec="microseconds")


def _word(field_name: str, word: str) -> str:
    known = vocabulary.known(field_name)
    return word if word in known else names.word_uri(field_name, word)


def _what(kind: str, lines: _Lines) -> dict[str, Any]:
    if kind == "TransformationEvent":
        return {
            **_lists(lines.inputs, lines.gtins, "inputEPCList", "inputQuantityList"),
            **_lists(lines.outputs, lines.gtins, "outputEPCList", "outputQuantityList"),
        }
    every = {**lines.subjects, **lines.inputs, **lines.outputs}
    return _lists(every, lines.gtins, "epcList", "quantityList")


def _lists(
    lots: Mapping[Lot, Decimal | None], gtins: Mapping[int, str], epcs: str, classes: str
) -> dict[str, Any]:
    units = [_uri(lot, gtins) for lot in lots if lot.kind == Lot.Kind.SERIAL]
    named = [
        _quantity(lot, q, _uri(lot, gtins)) for lot, q in lots.items() if lot.kind == Lot.Kind.LOT
    ]
    return {k: v for k, v in ((epcs, units), (classes, named)) if v}


def _uri(lot: Lot, gtins: Mapping[int, str]) -> str:
    unit = lot.kind == Lot.Kind.SERIAL
    return names.thing_uri(gtins.get(lot.pk, ""), lot.item, lot.number, serial=unit)


def _quantity(lot: Lot, quantity: Decimal | None, uri: str) -> dict[str, Any]:
    element: dict[str, Any] = {"epcClass": uri}
    if quantity is not None:
        number = plain(quantity)
        element["quantity"] = float(number) if "." in number else int(number)
        if lot.item.unit in _UOM:
            element["uom"] = _UOM[lot.item.unit]
    return element


def _where(event: TraceEvent) -> dict[str, Any]:
    place = event.location
    here = names.place_uri(place) if place and not place.virtual else names.site_uri(event.site)
    found: dict[str, Any] = {"readPoint": {"id": here}}
    if event.biz_step not in _LEAVING:
        found["bizLocation"] = {"id": here}
    return found


def _why(said: Sequence[Said]) -> dict[str, Any]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for fact in said:
        entry = {"type": fact.type} if fact.type else {}
        found[f"{fact.fact}List"].append({**entry, str(Fact(fact.fact)): fact.uri})
    return found


def _born(body: Mapping[str, Any], lines: _Lines) -> dict[str, Any]:
    """Return what is known of lots and units from their making: lot number and dates."""
    made = [*lines.outputs] if lines.outputs else []
    units = {lot for lot in (*lines.outputs, *lines.subjects, *lines.inputs) if lot.batch_id}
    found: dict[str, Any] = {}
    batches = {lot.batch for lot in made if lot.batch_id}
    whole = len(batches) == 1 and all(lot.batch_id or lot in batches for lot in made)
    if whole and (body["type"] == "TransformationEvent" or body.get("action") == "ADD"):
        found["ilmd"] = _instance_data(next(iter(batches)), made)
        units -= set(made)
    if units:
        found["proofline:lots"] = _memberships(units, lines.gtins)
    return found


def _instance_data(batch: Lot | None, made: Sequence[Lot]) -> dict[str, str]:
    data = {"cbvmda:lotNumber": batch.number} if batch else {}
    for key, dates in (
        ("gs1:productionDate", {lot.manufactured_on for lot in made}),
        ("cbvmda:itemExpirationDate", {lot.expires_on for lot in made}),
    ):
        day = dates.pop() if len(dates) == 1 else None
        if day is not None:
            data[key] = day.isoformat()
    return data


def _memberships(units: Collection[Lot], gtins: Mapping[int, str]) -> list[dict[str, Any]]:
    by_lot: dict[str, list[str]] = defaultdict(list)
    for unit in sorted(units, key=lambda u: u.pk):
        if unit.batch is not None:
            gtin = gtins.get(unit.pk, "")
            lot = names.thing_uri(gtin, unit.item, unit.batch.number, serial=False)
            by_lot[lot].append(_uri(unit, gtins))
    return [{"proofline:lot": lot, "proofline:units": epcs} for lot, epcs in by_lot.items()]


def _declaration(event: TraceEvent, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event that was wrong once more, with the declaration (EPCIS 2.0, 7.4.1.3)."""
    error = {"declarationTime": _text(event.event_time, event.zone_offset),
             "reason": DID_NOT_OCCUR}  # fmt: skip
    return {**document, "errorDeclaration": error}
