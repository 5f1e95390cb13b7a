"""Goods become something else: another pack, another grade, or are worked on again."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core import numbering
from erp.core.context import Context
from erp.inventory.conversion import inputs, steps
from erp.inventory.conversion.gates import CONVERT, REWORK
from erp.inventory.conversion.guards import (
    effective_revision,
    free_goods_at,
    not_a_lot,
    one_lot,
    physical_place,
    refuse_tracking,
    refuse_units,
    told,
)
from erp.inventory.conversion.steps import QUARANTINE, Conversion, Goods, convert, lot_like
from erp.inventory.operations import site_of_place
from erp.inventory.queries import with_batches
from erp.inventory.steps import Place
from erp.masterdata.models import Item
from erp.operations import Reason, operation
from traceability.locking import lock_lots
from traceability.models import Lot, TraceEvent
from traceability.states import LotState
from traceability.steps import create_lots


@operation(
    "inventory.repack_lot",
    title=_("Repack"),
    sentence=_("Goods of this lot become another pack: a new lot, to be decided anew."),
    noun="lots",
    verb="repack",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="traceability.Lot",
    input=inputs.ConvertLot,
    site_of=site_of_place,
    gate=CONVERT,
    gate_ids=lambda lot: [lot.pk],
    machine=True,
    blockers=not_a_lot,
    tells_time=True,
)
def repack_lot(  # noqa: PLR0913 - the inputs of the operation
    ctx: Context,
    *,
    lot_id: int,
    from_location_id: int,
    status: str,
    quantity: Decimal,
    to_item_id: int,
    to_quantity: Decimal,
    number: str = "",
) -> Lot:
    """Pack goods anew under another item; the quantity that comes out is counted, not computed."""
    lot = one_lot(ctx, lot_id)
    where = free_goods_at(from_location_id, status)
    new = _into(ctx, lot, to_item_id, number)
    return _convert_one(ctx, "repackaging", Goods(lot, quantity, where), new, to_quantity)


@operation(
    "inventory.regrade_lot",
    title=_("Regrade"),
    sentence=_("Goods of this lot become another item, piece by piece: a new lot, decided anew."),
    noun="lots",
    verb="regrade",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="traceability.Lot",
    input=inputs.RegradeLot,
    site_of=site_of_place,
    gate=CONVERT,
    gate_ids=lambda lot: [lot.pk],
    reason=Reason.REQUIRED,
    blockers=not_a_lot,
    tells_time=True,
)
def regrade_lot(  # noqa: PLR0913 - the inputs of the operation
    ctx: Context,
    *,
    lot_id: int,
    from_location_id: int,
    status: str,
    quantity: Decimal,
    to_item_id: int,
    number: str = "",
) -> Lot:
    """Grade goods into another item, in the same quantity."""
    lot = one_lot(ctx, lot_id)
    where = free_goods_at(from_location_id, status)
    new = _into(ctx, lot, to_item_id, number)
    return _convert_one(ctx, "commissioning", Goods(lot, quantity, where), new, quantity)


def _into(ctx: Context, lot: Lot, item_id: int, number: str) -> Lot:
    """Return the new lot of another item: same dates, and no decision yet (8.2.6)."""
    gates.ask(ctx, CONVERT, [lot.pk])
    item = Item.objects.get(pk=item_id)
    refuse_tracking(item, serials=False)
    return lot_like(
        lot,
        number or numbering.take_one("L"),
        item=item,
        revision=effective_revision(item),
        udi_pi="",
        state=LotState.QUARANTINE,
    )


def _convert_one(ctx: Context, biz_step: str, taken: Goods, new: Lot, quantity: Decimal) -> Lot:
    made = create_lots(ctx, [new])[0]
    where = taken.place.location
    convert(
        ctx,
        Conversion(
            biz_step, where.site_id, where, [taken],
            [Goods(made, quantity, Place(where, QUARANTINE))],
            note=told(ctx, taken.lot.number, "→ " + made.number),
        ),
    )  # fmt: skip
    steps.inherit(ctx, [taken.lot], [made], where.site_id)
    return made


@operation(
    "inventory.rework_lot",
    title=_("Rework"),
    sentence=_("The goods are worked on again and wait for a decision afterwards."),
    noun="lots",
    verb="rework",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="traceability.TraceEvent",
    input=inputs.ReworkLot,
    site_of=site_of_place,
    gate=REWORK,
    gate_ids=lambda lot: [lot.pk],
    reason=Reason.REQUIRED,
    tells_time=True,
)
def rework_lot(  # noqa: PLR0913 - the inputs of the operation
    ctx: Context,
    *,
    lot_id: int,
    from_location_id: int,
    status: str,
    quantity: Decimal,
    instruction: str,
    to_location_id: int | None = None,
    number: str = "",
) -> TraceEvent:
    """Rework goods by an instruction, as the same lot or as one of its own (ISO 13485, 8.3.4)."""
    lot = lock_lots(ctx, with_batches([lot_id]))[lot_id]
    gates.ask(ctx, REWORK, [lot.pk])
    where = Place(physical_place(from_location_id), status)
    target = Place(physical_place(to_location_id) if to_location_id else where.location, QUARANTINE)
    reworked = lot
    if number:
        refuse_units([lot])
        reworked = create_lots(ctx, [lot_like(lot, number, state=LotState.QUARANTINE)])[0]
    conversion = Conversion(
        "repairing", where.location.site_id, target.location, [Goods(lot, quantity, where)],
        [Goods(reworked, quantity, target)], note=told(ctx, instruction, lot.number),
    )  # fmt: skip
    event = convert(ctx, conversion)
    steps.wait_for_decision(ctx, reworked)
    if reworked.pk != lot.pk:
        steps.inherit(ctx, [lot], [reworked], where.location.site_id)
    return event
