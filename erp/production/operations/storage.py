"""Finished goods from the line into storage."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext_lazy

from erp.core.context import Context
from erp.core.quantities import ZERO
from erp.inventory.errors import WrongPlace
from erp.inventory.models import Balance, StockStatus
from erp.inventory.steps import MoveLine, Place, move
from erp.masterdata.models import Location
from erp.operations import operation
from erp.production import queries, steps
from erp.production.errors import NothingToMove
from erp.production.inputs import PutAway
from erp.production.models import WorkOrder
from traceability.locking import lock_lot, lock_members
from traceability.models import Lot
from traceability.steps import observe, record


@operation(
    "production.move_to_storage",
    title=gettext_lazy("Move to storage"),
    sentence=gettext_lazy(
        "Everything of the lot that lies at the line goes to storage; its status stays as it is."
    ),
    noun="lots",
    verb="move-to-storage",
    subject="traceability.Lot",
    subject_arg="lot_id",
    input=PutAway,
    machine=True,
    tells_time=True,
)
def move_to_storage(ctx: Context, *, lot_id: int, to_location_id: int) -> Lot:
    """Put finished goods away; material issued to an order stays at the line, accounted for."""
    lot = lock_lot(ctx, lot_id)
    lots = {lot.pk: lot, **{m.pk: m for m in lock_members(ctx, lot.pk)}}
    target = _store(lot, to_location_id)
    lines = _finished_at_line(lots, lot, target)
    if not lines:
        raise NothingToMove(lot=lot.number, place=gettext_lazy("a production line"))
    moved: dict[int, Decimal | None] = {lot.pk: None}
    for line in lines:
        moved[line.lot.pk] = (moved.get(line.lot.pk) or ZERO) + line.quantity
    event = record(ctx, observe("storing", lot.site_id, moved, location=target))
    move(ctx, event, lines)
    order = WorkOrder.objects.filter(batch_id=lot.batch_id or lot.pk).first()
    if order is not None:
        steps.link_events(order, [event])
    return lot


def _store(lot: Lot, location_id: int) -> Location:
    place = Location.objects.get(pk=location_id)
    stores = {Location.Kind.STORAGE, Location.Kind.QUARANTINE}
    if place.kind not in stores or place.site_id != lot.site_id:
        raise WrongPlace(location=place.code, kind=place.get_kind_display())
    return place


def _finished_at_line(lots: Mapping[int, Lot], lot: Lot, target: Location) -> list[MoveLine]:
    lying = Balance.objects.filter(
        lot_id__in=lots,
        quantity__gt=0,
        location__kind=Location.Kind.LINE,
        location__site_id=lot.site_id,
    )
    issued = queries.issued_at_line(lots)
    lines = []
    for balance in lying.select_related("location").order_by("lot_id", "location_id", "status"):
        free = balance.quantity
        if balance.status == StockStatus.AVAILABLE:
            free = max(ZERO, free - issued.get(balance.lot_id, ZERO))
        member = lots[balance.lot_id]
        member.item = lot.item
        if free:
            source = Place(balance.location, balance.status)
            lines.append(MoveLine(member, free, source, Place(target, balance.status)))
    return lines
