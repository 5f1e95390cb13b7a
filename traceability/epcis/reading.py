"""From one event in JSON to what is kept of it: its name, its columns, the things it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from erp.core.bulk import maker
from erp.core.quantities import DIGITS, PLACES
from traceability.epcis import names, schema
from traceability.epcis.contexts import Context, extensions, namespaces
from traceability.epcis.hash import VERSION, event_hash
from traceability.epcis.identifiers import comparable
from traceability.epcis.models import URI, WORD, EpcisEvent, EpcisReference, EpcisThing
from traceability.epcis.schema import Fault
from traceability.epcis.vocabulary import bare

Role = EpcisThing.Role
Kind = EpcisReference.Kind

LISTS: Mapping[str, tuple[EpcisThing.Role, bool]] = {
    "epcList": (Role.OBJECT, False),
    "quantityList": (Role.OBJECT, True),
    "childEPCs": (Role.CHILD, False),
    "childQuantityList": (Role.CHILD, True),
    "inputEPCList": (Role.INPUT, False),
    "inputQuantityList": (Role.INPUT, True),
    "outputEPCList": (Role.OUTPUT, False),
    "outputQuantityList": (Role.OUTPUT, True),
}
_PARTIES = {
    "sourceList": (Kind.SOURCE, "source"),
    "destinationList": (Kind.DESTINATION, "destination"),
}
_LOT_NUMBERS = ("lotNumber", "hasBatchLotNumber")
SENSOR_TEXTS = (
    "type", "deviceID", "dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules",
    "stringValue", "hexBinaryValue", "uriValue", "booleanValue",
)  # fmt: skip
SENSOR_TIMES = ("startTime", "endTime")
NAMESPACE = "urn:proofline:epcis:"
"""The namespace of our own extension (``ours``): any Proofline understands it."""
_UOM = 8
_LARGEST = Decimal(10) ** (DIGITS - PLACES)


@dataclass(frozen=True, slots=True)
class Thing:
    """An object or a class in an event, as it is written there."""

    uri: str
    role: EpcisThing.Role
    is_class: bool
    quantity: Decimal | None = None
    uom: str = ""
    name: names.Name | None = None
    """What of ours it may name."""

    @property
    def tracked(self) -> bool:
        """Tell whether it names a lot or a unit."""
        return self.name is not None and self.name.tracked


@dataclass(frozen=True, slots=True)
class Reference:
    """A transaction, a party, a lasting disposition or a corrective event."""

    kind: EpcisReference.Kind
    uri: str
    type: str = ""


@dataclass(slots=True)
class Parsed:
    """An event ready to be kept: the unsaved row, and what belongs to it."""

    row: EpcisEvent
    things: list[Thing] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    lot_number: str = ""
    lot_of_unit: dict[str, str] = field(default_factory=dict)
    """By the unit's identifier, where another Proofline says which units belong to which lot."""

    @property
    def key(self) -> tuple[str, bool]:
        """Return what no two events share."""
        return self.row.event_id, self.row.declares_error


class FaultyEvent(ValueError):
    """An event that cannot be kept; ``faults`` say why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{f.path}: {f.reason}" for f in faults))
        self.faults = faults


def parse(event: Any, context: Context) -> Parsed:
    """Return the event, checked against the schema; ``context`` is its document's.

    Raises ``FaultyEvent`` with everything that is wrong with it.
    """
    faults = list(schema.faults_of(event))
    if faults:
        raise FaultyEvent(faults)
    return understood(event, context)


def understood(event: Mapping[str, Any], context: Context) -> Parsed:
    """Return an event that is known to follow the schema; what cannot be kept is still refused."""
    own = extensions(event.get("@context"))
    document = {k: v for k, v in event.items() if k not in {"@context", "recordTime"}}
    name = event_hash(document, namespaces(context, own))
    try:
        row = _row(document, [*context, *(e for e in own if e not in context)], name)
        things = list(_things(document))
        references = list(_references(document))
    except (ValueError, OverflowError, InvalidOperation) as error:
        raise FaultyEvent([Fault("", str(error))]) from error
    spaces = namespaces(context, own)
    parsed = Parsed(row, things, references, _lot_number(document), _memberships(document, spaces))
    uris = [*(t.uri for t in things), *(r.uri for r in references)]
    long = [uri for uri in uris if len(uri) > URI]
    if long:
        raise FaultyEvent([Fault("", f"longer than {URI} characters: {u[:60]}…") for u in long])
    return parsed


def _row(event: Mapping[str, Any], context: Context, name: str) -> EpcisEvent:
    error = event.get("errorDeclaration")
    offset = event["eventTimeZoneOffset"]
    row = _make_row(
        event.get("eventID", name),
        name,
        VERSION,
        event,
        context,
        event["type"],
        event.get("action", ""),
        _moment(event["eventTime"]).astimezone(_zone(offset)),
        offset,
        bare("bizStep", event.get("bizStep", "")),
        bare("disposition", event.get("disposition", "")),
        _place(event, "readPoint"),
        _place(event, "bizLocation"),
        event.get("transformationID", ""),
        error is not None,
        _moment(error["declarationTime"]) if error else None,
        bare("error-reason", error.get("reason", "")) if error else "",
    )
    _refuse_long(row)
    return row


_make_row = maker(
    EpcisEvent, "event_id", "event_hash", "hash_version", "document", "context", "event_type",
    "action", "event_time", "zone_offset", "biz_step", "disposition", "read_point", "biz_location",
    "transformation_id", "declares_error", "error_time", "error_reason",
)  # fmt: skip


def _refuse_long(row: EpcisEvent) -> None:
    for name, value, most in (
        ("event_id", row.event_id, URI),
        ("read_point", row.read_point, URI),
        ("biz_location", row.biz_location, URI),
        ("transformation_id", row.transformation_id, URI),
        ("biz_step", row.biz_step, WORD),
        ("disposition", row.disposition, WORD),
        ("event_type", row.event_type, WORD),
        ("error_reason", row.error_reason, WORD),
    ):
        if len(value) > most:
            raise ValueError(f"{name} is longer than {most} characters")


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        raise ValueError(f"{text} names no time zone")
    # What has no equivalent in UTC cannot be kept.
    moment.astimezone(dt.UTC)
    return moment


@lru_cache(maxsize=100)
def _zone(offset: str) -> dt.tzinfo:
    sign = -1 if offset[0] == "-" else 1
    hours, minutes = offset[1:].split(":")
    # Named, so that +00:00 as said by a partner is told from "not said" (erp.core.clock).
    return dt.timezone(sign * dt.timedelta(hours=int(hours), minutes=int(minutes)), offset)


def _place(event: Mapping[str, Any], member: str) -> str:
    place = event.get(member)
    return comparable(place["id"]) if isinstance(place, Mapping) and place.get("id") else ""


def _things(event: Mapping[str, Any]) -> Iterator[Thing]:
    if event.get("parentID"):
        parent = event["parentID"]
        yield Thing(parent, Role.PARENT, is_class=False, name=names.read(parent))
    for member, (role, is_class) in LISTS.items():
        for entry in event.get(member) or ():
            if is_class:
                quantity, uom = _quantity(entry), str(entry.get("uom", ""))[:_UOM]
                uri = entry["epcClass"]
                yield Thing(uri, role, is_class, quantity, uom, names.read(uri))
            else:
                yield Thing(entry, role, is_class, name=names.read(entry))


def _quantity(entry: Mapping[str, Any]) -> Decimal | None:
    """Return the quantity, ``None`` where none is said or it is beyond what we count in."""
    said = entry.get("quantity")
    if said is None:
        return None
    quantity = Decimal(str(said))
    return quantity if abs(quantity) < _LARGEST else None


def _references(event: Mapping[str, Any]) -> Iterator[Reference]:
    for entry in event.get("bizTransactionList") or ():
        kind = bare("bizTransaction-type", entry.get("type", ""))
        yield Reference(Kind.TRANSACTION, comparable(entry["bizTransaction"]), kind[:WORD])
    for member, (kind_of, name) in _PARTIES.items():
        for entry in event.get(member) or ():
            party = bare("source-dest-type", entry.get("type", ""))
            yield Reference(kind_of, comparable(entry[name]), party[:WORD])
    lasting = event.get("persistentDisposition") or {}
    for member, kind_of in (("set", Kind.SET), ("unset", Kind.UNSET)):
        for word in lasting.get(member) or ():
            yield Reference(kind_of, bare("disposition", word))
    for uri in (event.get("errorDeclaration") or {}).get("correctiveEventIDs") or ():
        yield Reference(Kind.CORRECTIVE, uri)
    yield from _sensors(event)


def _sensors(event: Mapping[str, Any]) -> Iterator[Reference]:
    for element in event.get("sensorElementList") or ():
        for part in (element.get("sensorMetadata") or {}, *(element.get("sensorReport") or ())):
            yield from _sensor(part)


def _sensor(part: Mapping[str, Any]) -> Iterator[Reference]:
    """What queries may ask of a sensor; a longer text is in the document only."""
    for name in SENSOR_TEXTS:
        if name in part:
            text = comparable(plain_text(part[name]))
            yield from [Reference(Kind.SENSOR, text, name)] if len(text) <= URI else []
    for name in SENSOR_TIMES:
        if name in part:
            yield Reference(Kind.SENSOR, sortable(_moment(part[name])), name)


def plain_text(value: object) -> str:
    """Return a JSON value as queries write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def sortable(moment: dt.datetime) -> str:
    """Return an instant as text that sorts like the instant."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _memberships(event: Mapping[str, Any], spaces: Mapping[str, str]) -> dict[str, str]:
    """Return unit to lot number from the extension that we write ourselves (``ours``)."""
    found: dict[str, str] = {}
    for prefix in (p for p, space in spaces.items() if space == NAMESPACE):
        groups = event.get(f"{prefix}:lots")
        for group in groups if isinstance(groups, list) else ():
            lot = (
                names.read(str(group.get(f"{prefix}:lot", ""))) if isinstance(group, dict) else None
            )
            units = group.get(f"{prefix}:units") if lot else ()
            found.update({u: lot.lot for u in units if isinstance(u, str)} if lot and units else {})
    return found


def _lot_number(event: Mapping[str, Any]) -> str:
    """Return the lot that the instance data name for what came into being."""
    for key, value in (event.get("ilmd") or {}).items():
        if key.rpartition(":")[2].rpartition("#")[2] in _LOT_NUMBERS and isinstance(value, str):
            return value.strip()
    return ""
