"""Writes made inside operations: stock moves and holds. The lots must be locked by the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from erp.core import clock, numbering
from erp.core.bulk import copy_rows
from erp.core.context import Context
from erp.core.errors import Blocker, RecordRef
from erp.core.quantities import ZERO, plain
from erp.inventory.errors import NotEnoughStock, TooFine
from erp.inventory.events import HoldPlaced, HoldReleased
from erp.inventory.models import Balance, Hold, HoldLine, StockMove
from erp.inventory.queries import open_holds, with_members
from erp.masterdata.models import UNIT_PLACES, Item, Location
from traceability.models import LogisticUnit, Lot, TraceEvent
from traceability.packing.errors import StillPacked
from traceability.packing.queries import Packed, packed
from traceability.packing.states import CarrierState

CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Place:
    """A location with a stock status; virtual locations have none."""

    location: Location
    status: str = ""


@dataclass(frozen=True, slots=True)
class MoveLine:
    """A quantity of one lot from one place to another."""

    lot: Lot
    quantity: Decimal
    source: Place
    target: Place


def move(
    ctx: Context, event: TraceEvent, lines: Sequence[MoveLine], *, carriers: Collection[int] = ()
) -> list[StockMove]:
    """Write ledger rows and return them; the trigger keeps the balances.

    ``carriers`` are the logistic units that go along as a whole. Raises ``NotEnoughStock`` naming
    every short lot, ``TooFine`` for half pieces, and ``StillPacked`` for goods taken out of a box
    without unpacking it.
    """
    for line in lines:
        check_fineness(line.lot.item, line.quantity)
    _refuse_shortage(lines)
    _refuse_packed(lines, carriers)
    return copy_rows(
        StockMove,
        (
            StockMove(
                event=event,
                lot=line.lot,
                quantity=line.quantity,
                from_location=line.source.location,
                from_status=line.source.status,
                to_location=line.target.location,
                to_status=line.target.status,
            )
            for line in lines
        ),
    )


def check_fineness(item: Item, quantity: Decimal) -> None:
    """Refuse a quantity finer than the item's unit."""
    places = UNIT_PLACES[item.unit]
    if quantity != quantity.quantize(Decimal(1).scaleb(-places)):
        raise TooFine(quantity=plain(quantity), unit=item.unit, item=item.code, places=places)


def _refuse_shortage(lines: Sequence[MoveLine]) -> None:
    asked: dict[tuple[int, int, str], Decimal] = defaultdict(lambda: ZERO)
    named: dict[tuple[int, int, str], MoveLine] = {}
    for line in lines:
        if not line.source.location.virtual:
            key = (line.lot.pk, line.source.location.pk, line.source.status)
            asked[key] += line.quantity
            named[key] = line
    have = _balances(asked)
    short = [named[key] for key, wanted in asked.items() if have.get(key, ZERO) < wanted]
    if short:
        keys = [(s.lot.pk, s.source.location.pk, s.source.status) for s in short]
        raise NotEnoughStock(
            blockers=[
                _shortage(s, asked[k], have.get(k, ZERO)) for s, k in zip(short, keys, strict=True)
            ]
        )


def _balances(keys: Collection[tuple[int, int, str]]) -> dict[tuple[int, int, str], Decimal]:
    rows = Balance.objects.filter(
        Q(lot_id__in={k[0] for k in keys}), Q(location_id__in={k[1] for k in keys})
    ).values_list("lot_id", "location_id", "status", "quantity")
    return {(lot, location, status): quantity for lot, location, status, quantity in rows}


def _shortage(line: MoveLine, wanted: Decimal, have: Decimal) -> Blocker:
    sentence = _("%(lot)s: %(wanted)s asked at %(place)s, %(have)s there.") % {
        "lot": line.lot.number,
        "wanted": plain(wanted),
        "place": line.source.location.code,
        "have": plain(have),
    }
    lot = RecordRef("traceability.lot", str(line.lot.pk), line.lot.number, f"/lots/{line.lot.pk}/")
    return Blocker("inventory.short", sentence, lot)


def _refuse_packed(lines: Sequence[MoveLine], carriers: Collection[int]) -> None:
    """Refuse to take goods out of a box or pallet that stays behind."""
    leaving: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        place = line.source.location
        if not place.virtual and place.pk != line.target.location.pk:
            leaving[line.lot.pk, place.pk] += line.quantity
    places = {place for _lot, place in leaving}
    # Most places hold no box, and then one look is all this costs.
    if not LogisticUnit.objects.filter(location__in=places, state=CarrierState.OPEN).exists():
        return
    inside = [
        row for row in packed({lot for lot, _place in leaving}) if row.unit_id not in carriers
    ]
    blockers = []
    free = _free_of_boxes(inside)
    for row in inside:
        key = (row.lot_id, row.location_id)
        if leaving.get(key, ZERO) > free.get(key, ZERO):
            blockers.append(_packed_in(row))
    if blockers:
        raise StillPacked(blockers=blockers)


def _free_of_boxes(inside: Sequence[Packed]) -> dict[tuple[int, int], Decimal]:
    """Return what lies at each place outside of these boxes, by lot and place."""
    rows = Balance.objects.filter(lot__in={row.lot_id for row in inside})
    free = dict.fromkeys(((row.lot_id, row.location_id) for row in inside), ZERO)
    for lot, place, quantity in rows.values_list("lot_id", "location_id", "quantity"):
        if (lot, place) in free:
            free[lot, place] += quantity
    for row in inside:
        free[row.lot_id, row.location_id] -= row.quantity
    return free


def _packed_in(row: Packed) -> Blocker:
    lot, unit = Lot.objects.get(pk=row.lot_id), LogisticUnit.objects.get(pk=row.unit_id)
    sentence = _("%(quantity)s of %(lot)s lie packed in %(unit)s.") % {
        "quantity": plain(row.quantity),
        "lot": lot.number,
        "unit": unit.sscc,
    }
    pointer = RecordRef(
        "traceability.logisticunit", str(unit.pk), unit.sscc, f"/logistic-units/{unit.pk}/"
    )
    return Blocker("packing.still_packed", sentence, pointer)


def place_hold(ctx: Context, *, lots: Iterable[Lot], cause: str, reason: str) -> Hold:
    """Put lots on hold at once and tell the higher apps, who break what was promised."""
    hold = Hold.objects.create(
        number=numbering.take_one("HLD"),
        cause=cause,
        reason=reason,
        placed_at=clock.now(),
        placed_by_id=ctx.actor.user_id,
    )
    pks = [lot.pk for lot in lots]
    HoldLine.objects.bulk_create([HoldLine(hold=hold, lot_id=pk) for pk in pks], batch_size=CHUNK)
    ctx.emit(HoldPlaced(hold.pk, with_members(pks)))
    return hold


def carry_holds(parents: Collection[int], children: Collection[int]) -> None:
    """Bind lots that came out of others by the holds of those, so that one release frees all.

    What was taken out of a held lot is no freer than the rest of it.
    """
    holds = {line.hold_id for lines in open_holds(parents).values() for line in lines}
    HoldLine.objects.bulk_create(
        [HoldLine(hold_id=hold, lot_id=lot) for hold in sorted(holds) for lot in sorted(children)],
        batch_size=CHUNK,
        ignore_conflicts=True,
    )


def release_hold(ctx: Context, hold: Hold, reason: str) -> None:
    """Release a locked hold; what it covered is again as before, other holds apart."""
    hold.released_at = clock.now()
    hold.released_by_id = ctx.actor.user_id
    hold.release_reason = reason
    hold.save(update_fields=["released_at", "released_by", "release_reason"])
    ctx.emit(HoldReleased(hold.pk, with_members(hold.lines.values_list("lot_id", flat=True))))


def shift_status(
    ctx: Context, event: TraceEvent, lots: Collection[Lot], source: str, target: str
) -> list[StockMove]:
    """Move everything these locked lots have in one status to another status, where it lies."""
    by_pk = {lot.pk: lot for lot in lots}
    lying = Balance.objects.filter(lot_id__in=by_pk, status=source, quantity__gt=0)
    lines = [
        MoveLine(by_pk[b.lot_id], b.quantity, Place(b.location, source), Place(b.location, target))
        for b in lying.select_related("location")
    ]
    return move(ctx, event, lines)
