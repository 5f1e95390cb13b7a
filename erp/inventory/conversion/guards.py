"""What every conversion asks of places, lots and items before it writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.context import Context
from erp.core.errors import Blocker
from erp.inventory.conversion.errors import LotHasUnits, NotALot, NotFree
from erp.inventory.errors import WrongPlace
from erp.inventory.models import StockStatus
from erp.inventory.queries import with_batches
from erp.inventory.steps import Place
from erp.masterdata.models import Item, ItemRevision, Location, Tracking
from erp.masterdata.states import RevisionState
from traceability.errors import WrongTracking
from traceability.locking import lock_lots
from traceability.models import Lot


def physical_place(location_id: int) -> Location:
    """Return a place where goods can lie; raise ``WrongPlace`` for a virtual one."""
    return physical_places([location_id])[location_id]


def physical_places(location_ids: Collection[int]) -> dict[int, Location]:
    """Return places where goods can lie, by id; raise ``WrongPlace`` when one is virtual."""
    places = Location.objects.select_related("site").in_bulk(set(location_ids))
    for place in places.values():
        if place.virtual:
            raise WrongPlace(location=place.code, kind=place.get_kind_display())
    return places


FREE = (StockStatus.AVAILABLE, StockStatus.QUARANTINE)


def free_goods_at(location_id: int, status: str) -> Place:
    """Return a place with a status whose goods may be made into something else.

    What was blocked or recalled would otherwise come back under another number.
    """
    if status not in FREE:
        raise NotFree(status=StockStatus(status).label)
    return Place(physical_place(location_id), status)


def not_a_lot(lot: Lot, _actor: Actor) -> list[Blocker]:
    """Say beforehand that a unit cannot be parted."""
    if lot.kind != Lot.Kind.SERIAL:
        return []
    refusal = NotALot(lot=lot.number)
    return [Blocker(refusal.code, refusal.detail)]


def one_lot(ctx: Context, lot_id: int) -> Lot:
    """Lock a lot that is a quantity: no unit, and no lot of units."""
    lot = lock_lots(ctx, with_batches([lot_id]))[lot_id]
    refuse_units([lot])
    return lot


def refuse_units(lots: Sequence[Lot]) -> None:
    """Refuse units, and lots whose pieces are units: they are no quantities."""
    for lot in lots:
        if lot.kind == Lot.Kind.SERIAL:
            raise NotALot(lot=lot.number)
    with_units = Lot.objects.filter(batch__in=lots).select_related("batch").first()
    if with_units is not None and with_units.batch is not None:
        raise LotHasUnits(lot=with_units.batch.number)


def refuse_tracking(item: Item, *, serials: bool) -> None:
    """Refuse serial numbers for what is followed by lot, and the other way round."""
    by_serial = item.tracking in {Tracking.SERIAL, Tracking.BOTH}
    if by_serial != serials:
        raise WrongTracking(
            item=item.code,
            tracking=item.get_tracking_display(),
            given=_("serial numbers") if serials else _("a quantity"),
        )


def effective_revision(item: Item) -> ItemRevision | None:
    """Return the revision of an item that is in force."""
    return ItemRevision.objects.filter(item=item, state=RevisionState.EFFECTIVE).first()


def told(ctx: Context, what: str, about: str) -> str:
    """Return the note of a conversion: what, of which lot, and why if that was said."""
    return ": ".join(part for part in (f"{what} {about}", ctx.reason) if part)
