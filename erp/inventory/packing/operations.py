"""Open a box or pallet, pack into it, unpack, move it with all that lies in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.context import Context
from erp.core.errors import Blocker, FieldFault, InvalidInput
from erp.core.quantities import ZERO, plain
from erp.inventory import steps as stock
from erp.inventory.conversion.guards import physical_place
from erp.inventory.models import Balance
from erp.inventory.packing import inputs
from erp.inventory.packing.gates import PACK, loose_at, unit_ref
from erp.inventory.queries import with_batches
from erp.inventory.steps import MoveLine, Place, check_fineness
from erp.masterdata.models import Location
from erp.operations import operation
from traceability.gates import ref
from traceability.locking import lock_lots
from traceability.models import LogisticUnit, Lot
from traceability.packing import queries, steps
from traceability.packing.errors import CannotPack, NotInside
from traceability.packing.locking import lock_units
from traceability.packing.queries import Contents
from traceability.packing.states import CARRIER, CarrierState
from traceability.steps import note_site, observe, record

Kind = LogisticUnit.Kind
Quantities = Mapping[int, Decimal]


class Line(TypedDict):
    """A quantity of a lot, as its input says."""

    lot_id: int
    quantity: Decimal


def _site_of_place(_subject: Any, values: Any) -> int | None:
    pk = values.get("location_id")
    return Location.objects.values_list("site_id", flat=True).get(pk=pk) if pk else None


@operation(
    "inventory.open_logistic_unit",
    title=_("Open box or pallet"),
    sentence=_("An empty logistic unit gets its SSCC; goods are packed into it afterwards."),
    noun="logistic-units",
    verb="open",
    creates="traceability.LogisticUnit",
    input=inputs.OpenUnit,
    site_of=_site_of_place,
    primary=True,
    machine=True,
)
def open_logistic_unit(
    ctx: Context, *, kind: str, location_id: int, sscc: str = ""
) -> LogisticUnit:
    """Make a logistic unit with a checked SSCC (GS1, AI 00)."""
    return steps.open_unit(ctx, kind, physical_place(location_id), sscc.strip())


@operation(
    "inventory.pack",
    title=_("Pack"),
    sentence=_("The goods go into this logistic unit and leave its place only with it."),
    noun="logistic-units",
    verb="pack",
    subject="traceability.LogisticUnit",
    subject_arg="unit_id",
    input=inputs.Pack,
    states=CARRIER,
    step="pack",
    primary=True,
    machine=True,
    tells_time=True,
)
def pack(
    ctx: Context, *, unit_id: int, lines: Sequence[Line] = (), unit_ids: Sequence[int] = ()
) -> LogisticUnit:
    """Pack goods and boxes (EPCIS aggregation, ADD); all that stands in the way comes at once."""
    wanted = _per_lot(lines)
    _refuse_nothing(wanted, unit_ids)
    lots = lock_lots(ctx, with_batches(wanted))
    units = lock_units(ctx, {unit_id, *unit_ids})
    unit = units[unit_id]
    CARRIER.next(CarrierState(unit.state), "pack")
    gates.ask(ctx, PACK, wanted)
    blockers = [
        *_short(unit, wanted, lots),
        *_misfits(unit, [units[pk] for pk in dict.fromkeys(unit_ids)]),
    ]
    if blockers:
        raise CannotPack(blockers=blockers, unit=unit.sscc)
    steps.aggregate(ctx, unit, wanted, list(dict.fromkeys(unit_ids)), adding=True)
    return unit


def _per_lot(lines: Sequence[Line]) -> dict[int, Decimal]:
    wanted: dict[int, Decimal] = {}
    for line in lines:
        wanted[line["lot_id"]] = wanted.get(line["lot_id"], ZERO) + line["quantity"]
    return wanted


def _refuse_nothing(wanted: Quantities, unit_ids: Collection[int]) -> None:
    if not wanted and not unit_ids:
        reason = _now("Say what goes in: lots, units or boxes.")
        raise InvalidInput(faults=[FieldFault("lines", reason)])


def _short(unit: LogisticUnit, wanted: Quantities, lots: Mapping[int, Lot]) -> list[Blocker]:
    """Name the lots of which less lies loose at the place than is to be packed."""
    for pk, quantity in wanted.items():
        check_fineness(lots[pk].item, quantity)
    loose = loose_at(unit.location_id, wanted)
    return [
        Blocker("packing.short", _short_words(lots[pk], unit, loose[pk], quantity), ref(lots[pk]))
        for pk, quantity in wanted.items()
        if loose[pk] < quantity
    ]


def _short_words(lot: Lot, unit: LogisticUnit, loose: Decimal, wanted: Decimal) -> str:
    facts = {
        "lot": lot.number,
        "wanted": plain(wanted),
        "loose": plain(loose),
        "place": unit.location.code,
    }
    return _now("%(lot)s: %(wanted)s to be packed, %(loose)s lie loose at %(place)s.") % facts


def _misfits(unit: LogisticUnit, inner: Sequence[LogisticUnit]) -> list[Blocker]:
    """Name the boxes that cannot go in, each with why."""
    outside = {unit.pk, *queries.around(unit.pk)}
    placed = queries.carriers_of([box.pk for box in inner])
    found = []
    for box in inner:
        facts = {"box": box.sscc, "unit": unit.sscc}
        reasons = (
            (box.state != CarrierState.OPEN, _now("%(box)s is not in house any more.")),
            (box.pk in placed, _now("%(box)s lies in another unit already.")),
            (box.pk in outside, _now("%(box)s cannot lie in itself.")),
            (box.location_id != unit.location_id, _now("%(box)s stands at another place.")),
            (box.kind == Kind.PALLET, _now("%(box)s is a pallet: pallets go into nothing.")),
        )
        found += [
            Blocker("packing.misfit", sentence % facts, unit_ref(box))
            for wrong, sentence in reasons
            if wrong
        ]
    return found


@operation(
    "inventory.unpack",
    title=_("Unpack"),
    sentence=_("The goods come out of this logistic unit and lie loose at its place."),
    noun="logistic-units",
    verb="unpack",
    subject="traceability.LogisticUnit",
    subject_arg="unit_id",
    input=inputs.Unpack,
    states=CARRIER,
    step="unpack",
    machine=True,
    tells_time=True,
)
def unpack(
    ctx: Context, *, unit_id: int, lines: Sequence[Line] = (), unit_ids: Sequence[int] = ()
) -> LogisticUnit:
    """Take goods and boxes out (EPCIS aggregation, DELETE); naming none takes out everything."""
    known = queries.contents([unit_id])[unit_id]
    lock_lots(ctx, with_batches({*known.lots, *(line["lot_id"] for line in lines)}))
    units = lock_units(ctx, {unit_id, *known.units, *unit_ids})
    unit = units[unit_id]
    CARRIER.next(CarrierState(unit.state), "unpack")
    inside = queries.contents([unit_id])[unit_id]
    wanted, boxes = _per_lot(lines), tuple(dict.fromkeys(unit_ids))
    if not wanted and not boxes:
        wanted, boxes = inside.lots, inside.units
    _refuse_strangers(unit, inside, wanted, [units[pk] for pk in boxes])
    steps.aggregate(ctx, unit, wanted, boxes, adding=False)
    return unit


def _refuse_strangers(
    unit: LogisticUnit, inside: Contents, wanted: Quantities, boxes: Sequence[LogisticUnit]
) -> None:
    lots = Lot.objects.in_bulk(wanted)
    blockers = []
    for pk, quantity in wanted.items():
        there = inside.lots.get(pk, ZERO)
        if there < quantity:
            facts = {"lot": lots[pk].number, "wanted": plain(quantity), "there": plain(there)}
            sentence = _now("%(lot)s: %(wanted)s to be taken out, %(there)s inside.") % facts
            blockers.append(Blocker("packing.not_inside", sentence, ref(lots[pk])))
    for box in boxes:
        if box.pk not in inside.units:
            sentence = _now("%(box)s is not directly in it.") % {"box": box.sscc}
            blockers.append(Blocker("packing.not_inside", sentence, unit_ref(box)))
    if inside.empty:
        blockers.append(Blocker("packing.empty", _now("Nothing lies in it."), unit_ref(unit)))
    if blockers:
        raise NotInside(blockers=blockers, unit=unit.sscc)


@operation(
    "inventory.move_logistic_unit",
    title=_("Move"),
    sentence=_("The logistic unit goes to another place with everything in it."),
    noun="logistic-units",
    verb="move",
    subject="traceability.LogisticUnit",
    subject_arg="unit_id",
    input=inputs.MoveUnit,
    states=CARRIER,
    step="move",
    machine=True,
    tells_time=True,
)
def move_logistic_unit(ctx: Context, *, unit_id: int, to_location_id: int) -> LogisticUnit:
    """Move a box or pallet as one; the status of the goods stays as it is."""
    layers = queries.inside([unit_id])
    lots = lock_lots(ctx, with_batches(queries.total(layers.values())))
    units = lock_units(ctx, layers)
    unit, target = units[unit_id], physical_place(to_location_id)
    CARRIER.next(CarrierState(unit.state), "move")
    _refuse_unmovable(unit, target)
    inside = queries.total(queries.inside([unit_id]).values())
    event = record(
        ctx, observe("storing", target.site_id, inside, location=target, units=sorted(units))
    )
    lines = lines_of(inside, lots, unit.location, target)
    stock.move(ctx, event, lines, carriers=units)
    note_site([lots[pk] for pk in inside], target.site)
    steps.place(units.values(), target)
    return unit


def _refuse_unmovable(unit: LogisticUnit, target: Location) -> None:
    blockers = []
    outer = queries.carriers_of([unit.pk])
    if outer:
        carrier = LogisticUnit.objects.get(pk=outer[unit.pk])
        sentence = _now("It lies in %(carrier)s: move that, or take it out.") % {
            "carrier": carrier.sscc
        }
        blockers.append(Blocker("packing.inside", sentence, unit_ref(carrier)))
    if target.pk == unit.location_id:
        blockers.append(Blocker("packing.there", _now("It stands there already."), unit_ref(unit)))
    if blockers:
        raise CannotPack(blockers=blockers, unit=unit.sscc)


def lines_of(
    quantities: Quantities, lots: Mapping[int, Lot], source: Location, target: Location
) -> list[MoveLine]:
    """Return the moves of packed goods from place to place, each status by itself.

    Where a lot lies in several statuses the usable goods are taken first: which pieces of a lot
    are in the box, its quantities do not tell.
    """
    left, lines = dict(quantities), []
    lying = Balance.objects.filter(lot__in=quantities, location=source, quantity__gt=0)
    for balance in lying.order_by("lot_id", "status"):
        part = min(left[balance.lot_id], balance.quantity)
        if part > ZERO:
            left[balance.lot_id] -= part
            places = Place(source, balance.status), Place(target, balance.status)
            lines.append(MoveLine(lots[balance.lot_id], part, *places))
    return lines
