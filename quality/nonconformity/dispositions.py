"""What a disposition does with the goods when its deviation is closed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.core.context import Context
from erp.core.quantities import ZERO
from erp.inventory import steps as stock
from erp.inventory.models import Balance, StockStatus
from erp.inventory.steps import MoveLine, Place
from erp.masterdata.models import Location
from quality.inspection.models import Stage
from quality.inspection.steps import open_inspections
from quality.nonconformity import queries
from quality.nonconformity.errors import NoVirtualPlace
from quality.nonconformity.models import Deviation, DeviationLot
from traceability.models import Lot, TraceEvent
from traceability.states import LotState
from traceability.steps import Happening, change_state, observe, record

Disposition = Deviation.Disposition


@dataclass(frozen=True)
class Goods:
    """Locked lots of a deviation: ``whole`` with units, ``parts`` with what was set aside."""

    whole: Sequence[Lot]
    parts: Mapping[int, Decimal]
    lots: Mapping[int, Lot]
    made: frozenset[int]


def goods_of(deviation: Deviation, lots: Mapping[int, Lot]) -> Goods:
    """Return what a disposition is about; units under another open deviation stay out."""
    links = dict(DeviationLot.objects.filter(deviation=deviation).values_list("lot_id", "quantity"))
    parts = {pk: quantity for pk, quantity in links.items() if quantity is not None}
    apart = queries.under_another(deviation, [pk for pk in lots if pk not in links])
    whole = [
        lot
        for pk, lot in lots.items()
        if pk not in apart and pk not in parts and (pk in links or lot.batch_id not in parts)
    ]
    return Goods(whole, parts, lots, queries.made_here(lots))


def carry_out(ctx: Context, deviation: Deviation, goods: Goods) -> None:
    """Do with the goods what was decided; a deviation without lots has nothing to move."""
    if goods.whole or goods.parts:
        _WAYS[Disposition(deviation.disposition)](ctx, deviation, goods)


def _use_as_is(ctx: Context, deviation: Deviation, goods: Goods) -> None:
    """Received goods become usable; goods we made go back to wait for their release."""
    event = _looked_at(ctx, deviation, goods)
    made = [lot for lot in goods.whole if lot.pk in goods.made]
    bought = [lot for lot in goods.whole if lot.pk not in goods.made]
    change_state(ctx, _rejected(made), "quarantine")
    change_state(ctx, _rejected(bought), "accept by concession")
    stock.shift_status(ctx, event, made, StockStatus.BLOCKED, StockStatus.QUARANTINE)
    stock.shift_status(ctx, event, bought, StockStatus.BLOCKED, StockStatus.AVAILABLE)
    _unblock_parts(ctx, event, goods, StockStatus.AVAILABLE)


def _rework(ctx: Context, deviation: Deviation, goods: Goods) -> None:
    """Reworked goods go back into quarantine and are inspected again (ISO 13485, 8.3.4)."""
    event = _looked_at(ctx, deviation, goods)
    change_state(ctx, _rejected(goods.whole), "quarantine")
    stock.shift_status(ctx, event, goods.whole, StockStatus.BLOCKED, StockStatus.QUARANTINE)
    _unblock_parts(ctx, event, goods, StockStatus.QUARANTINE)
    whole = {lot.pk for lot in goods.whole}
    again = [lot for lot in goods.whole if lot.batch_id not in whole]
    again = [lot for lot in again if lot.state == LotState.QUARANTINE]
    again += [goods.lots[pk] for pk in goods.parts]
    for stage, lots in (
        (Stage.FINAL, [lot for lot in again if lot.pk in goods.made]),
        (Stage.INCOMING, [lot for lot in again if lot.pk not in goods.made]),
    ):
        if lots:
            open_inspections(ctx, lots, stage, deviation.site_id)


def _scrap(ctx: Context, deviation: Deviation, goods: Goods) -> None:
    """The goods are destroyed: they leave stock, and what is left of the lot is never used."""
    _remove(ctx, deviation, goods, kind="scrap", biz_step="destroying", disposition="destroyed")


def _return(ctx: Context, deviation: Deviation, goods: Goods) -> None:
    """The goods go back to where they came from."""
    _remove(ctx, deviation, goods, kind="supplier", biz_step="returning", disposition="returned")


def _remove(
    ctx: Context, deviation: Deviation, goods: Goods, *, kind: str, biz_step: str, disposition: str
) -> None:
    standing = [lot for lot in goods.whole if lot.state != LotState.REJECTED]
    change_state(ctx, standing, "reject")
    lying = [*_lying(goods.whole), *_set_aside(goods)]
    if not lying:
        return
    places = _places({balance.location.site_id for balance, _quantity in lying}, kind)
    leaving: dict[int, Decimal] = {}
    for balance, quantity in lying:
        leaving[balance.lot_id] = leaving.get(balance.lot_id, ZERO) + quantity
    happening = Happening(
        kind="object",
        action="DELETE",
        biz_step=biz_step,
        disposition=disposition,
        site_id=deviation.site_id,
        inputs=leaving,
        note=deviation.number,
    )
    event = record(ctx, happening)
    lines = [
        MoveLine(
            goods.lots[b.lot_id],
            quantity,
            Place(b.location, b.status),
            Place(places[b.location.site_id]),
        )
        for b, quantity in lying
    ]
    stock.move(ctx, event, lines)


_WAYS: dict[Deviation.Disposition, Callable[[Context, Deviation, Goods], None]] = {
    Disposition.USE_AS_IS: _use_as_is,
    Disposition.REWORK: _rework,
    Disposition.SCRAP: _scrap,
    Disposition.RETURN: _return,
}


def _looked_at(ctx: Context, deviation: Deviation, goods: Goods) -> TraceEvent:
    subjects: dict[int, Decimal | None] = {lot.pk: None for lot in goods.whole}
    subjects |= dict(goods.parts)
    return record(ctx, observe("inspecting", deviation.site_id, subjects, note=deviation.number))


def _rejected(lots: Collection[Lot]) -> list[Lot]:
    return [lot for lot in lots if lot.state == LotState.REJECTED]


def _lying(lots: Collection[Lot]) -> list[tuple[Balance, Decimal]]:
    """Return everything that lies of these lots, whatever its status."""
    balances = Balance.objects.filter(lot__in=lots, quantity__gt=0).select_related("location")
    return [(balance, balance.quantity) for balance in balances.order_by("pk")]


def _set_aside(goods: Goods) -> list[tuple[Balance, Decimal]]:
    """Return the blocked balances that make up the set-aside quantities, at most those."""
    left = dict(goods.parts)
    balances = Balance.objects.filter(
        lot__in=left, status=StockStatus.BLOCKED, quantity__gt=0
    ).select_related("location")
    found: list[tuple[Balance, Decimal]] = []
    for balance in balances.order_by("pk"):
        part = min(balance.quantity, left[balance.lot_id])
        if part > 0:
            found.append((balance, part))
            left[balance.lot_id] -= part
    return found


def _unblock_parts(ctx: Context, event: TraceEvent, goods: Goods, status: str) -> None:
    """Take set-aside quantities back; of a lot not released yet, into quarantine."""
    lines = []
    for balance, quantity in _set_aside(goods):
        lot = goods.lots[balance.lot_id]
        target = status if lot.state == LotState.RELEASED else StockStatus.QUARANTINE
        source = Place(balance.location, StockStatus.BLOCKED)
        lines.append(MoveLine(lot, quantity, source, Place(balance.location, target)))
    stock.move(ctx, event, lines)


def _places(site_ids: Collection[int], kind: str) -> dict[int, Location]:
    found = Location.objects.filter(site_id__in=site_ids, kind=kind, virtual=True)
    places = {place.site_id: place for place in found}
    if len(places) < len(set(site_ids)):
        raise NoVirtualPlace(kind=Location.Kind(kind).label)
    return places
