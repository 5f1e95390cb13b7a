"""Several items are put together as a kit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core import numbering
from erp.core.context import Context
from erp.core.errors import FieldFault, InvalidInput
from erp.core.quantities import ZERO, plain
from erp.inventory.conversion import inputs, steps
from erp.inventory.conversion.errors import NotTheWholeKit
from erp.inventory.conversion.guards import effective_revision, physical_places, refuse_tracking
from erp.inventory.conversion.steps import QUARANTINE, Conversion, Goods, convert
from erp.inventory.models import StockStatus
from erp.inventory.queries import with_batches
from erp.inventory.steps import Place
from erp.masterdata.models import Item, Location
from erp.operations import operation
from traceability.gates import ISSUE
from traceability.locking import lock_lots
from traceability.models import Lot
from traceability.steps import create_lots

ONE = Decimal(1)


class ComponentGiven(TypedDict):
    """One component of a kit, as its input says."""

    lot_id: int
    from_location_id: int
    quantity: Decimal


def _sites_of_kit(_subject: Any, values: Mapping[str, Any]) -> Collection[int]:
    """Return the sites of the kit and of everything taken: the right is needed at each."""
    rows = values.get("components", ())
    places = {values.get("location_id"), *(row["from_location_id"] for row in rows)}
    return set(Location.objects.filter(pk__in=places - {None}).values_list("site_id", flat=True))


@operation(
    "inventory.assemble_kit",
    title=_("Assemble kit"),
    sentence=_(
        "Several items become a kit: a new lot in quarantine, expiring with its first part."
    ),
    noun="lots",
    verb="assemble-kit",
    creates="traceability.Lot",
    input=inputs.AssembleKit,
    site_of=_sites_of_kit,
    machine=True,
    tells_time=True,
)
def assemble_kit(  # noqa: PLR0913 - the inputs of the operation
    ctx: Context,
    *,
    item_id: int,
    quantity: Decimal,
    location_id: int,
    components: Sequence[ComponentGiven],
    serials: Sequence[str] = (),
    number: str = "",
) -> Lot:
    """Put a kit together: everything in it is usable now, and all of the bill goes in."""
    item = Item.objects.get(pk=item_id)
    places = physical_places([location_id, *(row["from_location_id"] for row in components)])
    place = places[location_id]
    ids = {row["lot_id"] for row in components}
    lots = lock_lots(ctx, with_batches(ids))
    parts = {pk: lots[pk] for pk in ids}
    gates.ask(ctx, ISSUE, parts)
    refuse_tracking(item, serials=bool(serials))
    _refuse_count(quantity, serials)
    _refuse_gaps(item, quantity, components, parts)
    taken = [_goods(row, parts, places) for row in components]
    kit = _new_kit(ctx, item, place, list(parts.values()), number)
    inside = Place(place, QUARANTINE)
    units = _units_of(ctx, kit, serials)
    made = [Goods(unit, ONE, inside) for unit in units] or [Goods(kit, quantity, inside)]
    convert(ctx, Conversion("assembling", place.site_id, place, taken, made, note=kit.number))
    steps.inherit(ctx, list(parts.values()), [kit], place.site_id)
    return kit


def _goods(row: ComponentGiven, parts: Mapping[int, Lot], places: Mapping[int, Location]) -> Goods:
    source = Place(places[row["from_location_id"]], StockStatus.AVAILABLE)
    return Goods(parts[row["lot_id"]], row["quantity"], source)


def _refuse_count(quantity: Decimal, serials: Sequence[str]) -> None:
    if serials and len(serials) != quantity:
        facts = {"given": len(serials), "quantity": plain(quantity)}
        reason = _now("%(given)s serial numbers were given for %(quantity)s units.") % facts
        raise InvalidInput(faults=[FieldFault("serials", reason)])


def _refuse_gaps(
    item: Item, quantity: Decimal, components: Sequence[ComponentGiven], parts: Mapping[int, Lot]
) -> None:
    """Where the kit has a bill of material, all of it goes in."""
    revision = effective_revision(item)
    given: dict[int, Decimal] = {}
    for row in components:
        pk = parts[row["lot_id"]].item_id
        given[pk] = given.get(pk, ZERO) + row["quantity"]
    faults = []
    for line in revision.bom.select_related("component") if revision else ():
        wanted = line.quantity * quantity
        if given.get(line.component_id, ZERO) < wanted:
            facts = {
                "item": line.component.code,
                "wanted": plain(wanted),
                "given": plain(given.get(line.component_id, ZERO)),
            }
            reason = _now("%(item)s: %(wanted)s wanted, %(given)s given.") % facts
            faults.append(FieldFault("components", reason))
    if faults:
        raise NotTheWholeKit(faults=faults)


def _new_kit(ctx: Context, item: Item, place: Location, parts: list[Lot], number: str) -> Lot:
    kit = Lot(
        item=item,
        revision=effective_revision(item),
        kind=Lot.Kind.LOT,
        number=number or numbering.take_one("L"),
        site_id=place.site_id,
        expires_on=steps.kit_expiry(ctx, item, parts),
    )
    return create_lots(ctx, [kit])[0]


def _units_of(ctx: Context, kit: Lot, serials: Sequence[str]) -> list[Lot]:
    return create_lots(
        ctx,
        [
            Lot(
                item=kit.item,
                revision_id=kit.revision_id,
                kind=Lot.Kind.SERIAL,
                number=serial.strip(),
                batch=kit,
                site_id=kit.site_id,
                expires_on=kit.expires_on,
            )
            for serial in serials
        ],
    )
