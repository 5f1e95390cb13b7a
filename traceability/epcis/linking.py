"""What a partner's event is in our terms: which lots it names, and what happened to them.

Nothing is invented in silence. A lot or unit that is new to us is recorded as the partner's when
its item is known by its device identifier; while one of its items is unknown, an event is kept, and
shown as not linked. An event never says more about our lots than its own kind does: only
transformations and associations join lots.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Site
from erp.core.actor import Actor
from erp.core.bulk import maker
from erp.core.errors import Blocker, Text
from erp.core.quantities import PLACES
from erp.masterdata.models import Item, Location
from traceability.epcis import names
from traceability.epcis.models import CaptureJob, EpcisThing
from traceability.epcis.names import Name
from traceability.epcis.reading import Parsed, Thing
from traceability.models import Lot, TraceEvent
from traceability.steps import Happening

Role = EpcisThing.Role
Key = tuple[int, str]
"""Item and number."""

KINDS = {
    "ObjectEvent": TraceEvent.Kind.OBJECT,
    "AggregationEvent": TraceEvent.Kind.AGGREGATION,
    "TransactionEvent": TraceEvent.Kind.TRANSACTION,
    "TransformationEvent": TraceEvent.Kind.TRANSFORMATION,
    "AssociationEvent": TraceEvent.Kind.ASSOCIATION,
}
_JOINS = {"TransformationEvent", "AssociationEvent"}
_UNITS = {"KGM": ("kg", 1), "GRM": ("g", 1), "MTR": ("m", 1), "CMT": ("m", "0.01"),
          "MMT": ("m", "0.001"), "LTR": ("L", 1), "MLT": ("mL", 1), "MGM": ("g", "0.001"),
          "H87": ("pc", 1), "EA": ("pc", 1), "C62": ("pc", 1), "": ("pc", 1)}  # fmt: skip
_FACTORS = {("g", "kg"): Decimal("0.001"), ("kg", "g"): Decimal(1000),
            ("mL", "L"): Decimal("0.001"), ("L", "mL"): Decimal(1000)}  # fmt: skip
_LONGEST_NUMBER = 60
_LONGEST_WORD = 40


@dataclass(frozen=True)
class Resolved:
    """What the names of some events stand for. ``new`` are lots that no one has recorded yet."""

    items: Mapping[Name, Item]
    lots: Mapping[Key, Lot]
    barred: Mapping[Key, Text] = field(default_factory=dict)
    places: Mapping[str, Location] = field(default_factory=dict)


def resolve(events: Sequence[Parsed], actor: Actor, job: CaptureJob) -> Resolved:
    """Find items, lots and places of all these events; the number of queries is fixed."""
    wanted = {name for parsed in events for name in _names(parsed)}
    items = names.items_of(wanted)
    numbers = {n for name in items for n in (name.lot, name.serial) if n}
    lots, barred = _lots({i.pk for i in items.values()}, numbers, actor, job)
    uris = {p.row.biz_location or p.row.read_point for p in events} - {""}
    return Resolved(items, lots, barred, names.places_of(uris, {}))


def _names(parsed: Parsed) -> Iterator[Name]:
    for thing in parsed.things:
        name = name_of(thing, parsed)
        if name is not None and name.tracked:
            yield name


def name_of(thing: Thing, parsed: Parsed) -> Name | None:
    """Return what a thing names; what came into being belongs to the lot that the event tells."""
    name = thing.name
    if name is None or not name.serial or name.lot:
        return name
    born = thing.role == Role.OUTPUT or (thing.role == Role.OBJECT and parsed.row.action == "ADD")
    lot = parsed.lot_of_unit.get(thing.uri) or (parsed.lot_number if born else "")
    return Name(name.gtin, name.code, lot, name.serial) if lot else name


def _lots(
    items: set[int], numbers: set[str], actor: Actor, job: CaptureJob
) -> tuple[dict[Key, Lot], dict[Key, Text]]:
    """Return our lots by item and number, and the numbers that cannot be told or seen."""
    rows = list(Lot.objects.filter(item_id__in=items, number__in=numbers))
    theirs = Lot.objects.filter(item_id__in=items, supplier_lot__in=numbers, kind=Lot.Kind.LOT)
    by_number: dict[Key, list[Lot]] = defaultdict(list)
    by_theirs: dict[Key, list[Lot]] = defaultdict(list)
    for lot in rows:
        by_number[lot.item_id, lot.number].append(lot)
    for lot in theirs:
        by_theirs[lot.item_id, lot.supplier_lot].append(lot)
    found: dict[Key, Lot] = {}
    barred: dict[Key, Text] = {}
    for key in {*by_number, *by_theirs}:
        chosen = _chosen(by_number[key], job) or _only(by_theirs[key])
        if chosen is None:
            barred[key] = _("several lots bear this number")
        else:
            found[key] = chosen
    # A lot of a site the sender may not see is none to them: naming it must not show it.
    pks = [lot.pk for lot in found.values()]
    seen = set(Lot.objects.visible_to(actor).filter(pk__in=pks).values_list("pk", flat=True))
    hidden = [key for key, lot in found.items() if lot.pk not in seen]
    barred.update({key: _("this number cannot be used here") for key in hidden})
    return {k: lot for k, lot in found.items() if lot.pk in seen}, barred


def _chosen(lots: Sequence[Lot], job: CaptureJob) -> Lot | None:
    """The partner's own lot goes before one without manufacturer, that before any other."""
    for company in (job.partner_id, None):
        same = [lot for lot in lots if lot.manufacturer_id == company]
        if len(same) == 1:
            return same[0]
    return _only(lots)


def _only(lots: Sequence[Lot]) -> Lot | None:
    return lots[0] if len(lots) == 1 else None


def missing(parsed: Parsed, known: Resolved) -> list[Blocker]:
    """Return every reason why this event cannot be joined to lots; empty: it can."""
    if parsed.row.event_type not in KINDS:
        kind = _("“%(type)s” is a kind of event of the sender's own.")
        return [Blocker("epcis.unknown_type", kind % {"type": parsed.row.event_type})]
    found = []
    for thing in parsed.things:
        name = name_of(thing, parsed)
        if name is not None and name.tracked:
            reason = _reason(parsed, thing, name, known)
            if reason is not None:
                code, said = reason
                text = _("%(uri)s: %(reason)s.") % {"uri": thing.uri, "reason": said}
                found.append(Blocker(code, text))
    return found


def _reason(parsed: Parsed, thing: Thing, name: Name, known: Resolved) -> tuple[str, Text] | None:
    item = known.items.get(name)
    if item is None:
        return "epcis.unknown_item", _("no item bears this device identifier")
    for number, kind in ((name.lot, Lot.Kind.LOT), (name.serial, Lot.Kind.SERIAL)):
        if not number:
            continue
        lot = known.lots.get((item.pk, number))
        if (item.pk, number) in known.barred:
            return "epcis.lot_unclear", known.barred[item.pk, number]
        if len(number) > _LONGEST_NUMBER:
            return "epcis.number_too_long", _("the number is too long")
        if lot is not None and lot.kind != kind and number == lot.number:
            return "epcis.lot_unclear", _("the number is that of a lot and of a unit")
    flows = parsed.row.event_type in _JOINS and thing.role != Role.OBJECT
    if flows and thing.is_class and quantity_in(item, thing) is None:
        return "epcis.no_quantity", _("no quantity in the item's unit of measure is said")
    return None


def quantity_in(item: Item, thing: Thing) -> Decimal | None:
    """Return the quantity in the item's unit, ``None`` where it is not said or does not convert."""
    unit, factor = _UNITS.get(thing.uom, ("", 1))
    if thing.quantity is None or not unit:
        return None
    quantity = thing.quantity * Decimal(str(factor))
    if unit != item.unit:
        convert = _FACTORS.get((unit, item.unit))
        if convert is None:
            return None
        quantity *= convert
    exact = quantity.quantize(Decimal(1).scaleb(-PLACES))
    return exact if exact == quantity and exact > 0 else None


def new_lots(
    events: Iterable[Parsed], known: Resolved, site: Site, partner_id: int | None
) -> tuple[list[Lot], list[tuple[Lot, Key]]]:
    """Return the lots and the units to record, each unit with the lot it belongs to."""
    lots: dict[Key, Lot] = {}
    units: dict[Key, tuple[Lot, Key]] = {}
    for parsed in events:
        for name in _names(parsed):
            item = known.items[name]
            for number, kind in ((name.lot, Lot.Kind.LOT), (name.serial, Lot.Kind.SERIAL)):
                key = (item.pk, number)
                if not number or key in known.lots or key in lots or key in units:
                    continue
                lot = _make_lot(item.pk, site.pk, number, kind, partner_id)
                if kind == Lot.Kind.LOT:
                    lots[key] = lot
                else:
                    units[key] = (lot, (item.pk, name.lot))
    return list(lots.values()), list(units.values())


_make_lot = maker(Lot, "item_id", "site_id", "number", "kind", "manufacturer_id")


def happening(parsed: Parsed, known: Resolved, job: CaptureJob) -> Happening:
    """Return the trace event that this event is."""
    row = parsed.row
    flows: dict[str, dict[int, Decimal]] = {"in": {}, "out": {}}
    subjects: dict[int, Decimal | None] = {}
    joins = _joins(parsed, known)
    for thing in parsed.things:
        lot = lot_of(thing, parsed, known)
        if lot is None:
            continue
        quantity = Decimal(1)
        if thing.is_class:
            quantity = quantity_in(known.items[_certain(thing, parsed)], thing) or Decimal(0)
        side = joins.get(thing.role, "")
        if side:
            flows[side][lot.pk] = flows[side].get(lot.pk, Decimal(0)) + quantity
        else:
            subjects[lot.pk] = (subjects.get(lot.pk) or Decimal(0)) + quantity or None
        batch = lot.batch_id if thing.role == Role.OUTPUT else None
        if batch is not None:
            subjects.setdefault(batch, None)
    place = known.places.get(row.biz_location or row.read_point)
    return Happening(
        kind=KINDS[row.event_type],
        biz_step=_word("bizStep", row.biz_step) or "other",
        site_id=job.site_id,
        action=row.action,
        disposition=_word("disposition", row.disposition),
        location=place,
        at=row.event_time,
        inputs=flows["in"],
        outputs=flows["out"],
        subjects={pk: q for pk, q in subjects.items() if pk not in flows["out"]},
        note=job.number,
        performed_by_id=job.captured_by_id,
    )


def _joins(parsed: Parsed, known: Resolved) -> Mapping[str, str]:
    """Return which roles flow: what was built into a unit is in it from then on."""
    if parsed.row.event_type == "TransformationEvent":
        return {Role.INPUT: "in", Role.OUTPUT: "out"}
    if parsed.row.event_type == "AssociationEvent" and parsed.row.action == "ADD":
        parents = [t for t in parsed.things if t.role == Role.PARENT]
        if all(lot_of(t, parsed, known) is not None for t in parents):
            return {Role.CHILD: "in", Role.PARENT: "out"}
    return {}


def _certain(thing: Thing, parsed: Parsed) -> Name:
    name = name_of(thing, parsed)
    if name is None:
        raise LookupError(thing.uri)
    return name


def lot_of(thing: Thing, parsed: Parsed, known: Resolved) -> Lot | None:
    """Return the lot or unit that a thing names, ``None`` where it names neither."""
    name = name_of(thing, parsed)
    if name is None or not name.tracked or name not in known.items:
        return None
    return known.lots.get((known.items[name].pk, name.number))


def _word(field_name: str, value: str) -> str:
    """Return a step or disposition as our events keep it: the word, or the end of the address."""
    word = names.own_word(field_name, value)
    if len(word) > _LONGEST_WORD or ":" in word:
        word = word.rstrip("/").replace("#", "/").replace(":", "/").rpartition("/")[2]
    return word[:_LONGEST_WORD]
