"""Writes made inside operations: stock moves and holds. The lots must be locked by the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from erp.core import clock, numbering
from erp.core.context import Context
from erp.core.errors import Blocker, RecordRef
from erp.core.quantities import ZERO, plain
from erp.inventory.errors import NotEnoughStock, TooFine
from erp.inventory.events import HoldPlaced, HoldReleased
from erp.inventory.models import Balance, Hold, HoldLine, StockMove
from erp.inventory.queries import with_members
from erp.masterdata.models import UNIT_PLACES, Item, Location
from traceability.models import Lot, TraceEvent

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


def move(ctx: Context, event: TraceEvent, lines: Sequence[MoveLine]) -> list[StockMove]:
    """Write ledger rows and return them; the trigger keeps the balances.

    Raises ``NotEnoughStock`` naming every short lot, and ``TooFine`` for half pieces.
    """
    for line in lines:
        check_fineness(line.lot.item, line.quantity)
    _refuse_shortage(lines)
    return StockMove.objects.bulk_create(
        [
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
        ],
        batch_size=CHUNK,
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
