"""One lot becomes several, several become one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core import numbering
from erp.core.context import Context
from erp.core.errors import Blocker
from erp.core.quantities import ZERO
from erp.inventory.conversion import inputs, steps
from erp.inventory.conversion.errors import CannotMerge
from erp.inventory.conversion.gates import MERGE
from erp.inventory.conversion.guards import free_goods_at, not_a_lot, one_lot, refuse_units, told
from erp.inventory.conversion.rules import part_numbers
from erp.inventory.conversion.steps import Conversion, Goods, convert, lot_like
from erp.inventory.models import Balance
from erp.inventory.operations import site_of_place
from erp.inventory.steps import Place
from erp.operations import operation
from traceability.gates import ref
from traceability.locking import lock_lots
from traceability.models import Lot, TraceEvent
from traceability.steps import create_lots


class PartGiven(TypedDict, total=False):
    """One part, as its input says."""

    quantity: Decimal
    number: str


@operation(
    "inventory.split_lot",
    title=_("Split"),
    sentence=_("Parts of this lot get lot numbers of their own; what is decided of it holds on."),
    noun="lots",
    verb="split",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="traceability.TraceEvent",
    input=inputs.SplitLot,
    site_of=site_of_place,
    machine=True,
    blockers=not_a_lot,
    tells_time=True,
)
def split_lot(
    ctx: Context, *, lot_id: int, from_location_id: int, status: str, parts: Sequence[PartGiven]
) -> TraceEvent:
    """Part a lot (TRC-05): item, revision, dates, decision and open holds are inherited."""
    lot = one_lot(ctx, lot_id)
    where = free_goods_at(from_location_id, status)
    names = Lot.objects.filter(item=lot.item_id, number__startswith=f"{lot.number}/")
    free = part_numbers(lot.number, {*names.values_list("number", flat=True)} | _given(parts))
    children = create_lots(ctx, [lot_like(lot, part.get("number") or next(free)) for part in parts])
    made = [
        Goods(child, part["quantity"], where) for child, part in zip(children, parts, strict=True)
    ]
    total = sum((part["quantity"] for part in parts), ZERO)
    event = convert(
        ctx,
        Conversion(
            "creating_class_instance", where.location.site_id, where.location,
            [Goods(lot, total, where)], made, note=told(ctx, _now("Split"), lot.number),
        ),
    )  # fmt: skip
    steps.inherit(ctx, [lot], children, where.location.site_id)
    return event


def _given(parts: Sequence[PartGiven]) -> set[str]:
    return {part.get("number", "") for part in parts}


@operation(
    "inventory.merge_lots",
    title=_("Merge"),
    sentence=_("This lot and others of the same item become one lot with the earliest expiry."),
    noun="lots",
    verb="merge",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="traceability.Lot",
    input=inputs.MergeLots,
    site_of=site_of_place,
    gate=MERGE,
    gate_ids=lambda lot: [lot.pk],
    blockers=not_a_lot,
    tells_time=True,
)
def merge_lots(
    ctx: Context,
    *,
    lot_id: int,
    lots: Sequence[int],
    from_location_id: int,
    status: str,
    number: str = "",
) -> Lot:
    """Make one lot of what lies of several at one place; every difference refuses at once."""
    sources = list(lock_lots(ctx, {lot_id, *lots}).values())
    refuse_units(sources)
    where = free_goods_at(from_location_id, status)
    taken = _all_there(sources, where)
    _refuse_differences(sources, taken)
    gates.ask(ctx, MERGE, [lot.pk for lot in sources])
    one = lot_like(
        sources[0],
        number or numbering.take_one("L"),
        supplier_lot=_common([lot.supplier_lot for lot in sources]),
        udi_pi="",
        manufactured_on=steps.earliest(lot.manufactured_on for lot in sources),
        expires_on=steps.earliest(lot.expires_on for lot in sources),
    )
    merged = create_lots(ctx, [one])[0]
    total = sum((goods.quantity for goods in taken), ZERO)
    conversion = Conversion(
        "creating_class_instance", where.location.site_id, where.location, taken,
        [Goods(merged, total, where)], note=told(ctx, _now("Merged into"), merged.number),
    )  # fmt: skip
    convert(ctx, conversion)
    steps.inherit(ctx, sources, [merged], where.location.site_id)
    return merged


def _all_there(lots: Sequence[Lot], where: Place) -> list[Goods]:
    lying = Balance.objects.filter(
        lot__in=lots, location=where.location, status=where.status, quantity__gt=0
    )
    by_pk = {lot.pk: lot for lot in lots}
    return [Goods(by_pk[b.lot_id], b.quantity, where) for b in lying.order_by("lot_id")]


def _common(values: Sequence[str]) -> str:
    return values[0] if len(set(values)) == 1 else ""


def _refuse_differences(lots: Sequence[Lot], taken: Sequence[Goods]) -> None:
    """Name all that keeps lots apart: they must be the same thing, decided the same way."""
    first, blockers = lots[0], []
    must_agree = (
        ("item_id", _now("%(lot)s is of another item than %(first)s.")),
        ("revision_id", _now("%(lot)s was made by another revision than %(first)s.")),
        ("manufacturer_id", _now("%(lot)s is of another manufacturer than %(first)s.")),
        ("state", _now("%(lot)s is in another state than %(first)s.")),
    )
    for lot in lots[1:]:
        for name, sentence in must_agree:
            if getattr(lot, name) != getattr(first, name):
                facts = {"lot": lot.number, "first": first.number}
                blockers.append(Blocker("lot.differs", sentence % facts, ref(lot)))
    there = {goods.lot.pk for goods in taken}
    for lot in lots:
        if lot.pk not in there:
            sentence = _now("Nothing of %(lot)s lies there in this status.") % {"lot": lot.number}
            blockers.append(Blocker("lot.not_there", sentence, ref(lot)))
    if len(lots) == 1:
        blockers.append(Blocker("lot.alone", _now("Name another lot."), ref(first)))
    if blockers:
        raise CannotMerge(blockers=blockers)
