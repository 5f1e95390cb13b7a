"""Gives new lots and units of our own products their production identifier, before they are
written: the one place where ``Lot.udi_pi`` is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from erp.masterdata.models import Item
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.pi import Production, production_identifier
from traceability.identifiers.queries import carried, identifiers_of
from traceability.models import Lot


def production_of(lot: Lot, batch_number: str) -> Production:
    """Return what the label of a lot, or of a unit of the lot ``batch_number``, says of its
    making.
    """
    unit = lot.kind == Lot.Kind.SERIAL
    return Production(
        lot=batch_number if unit else lot.number,
        serial=lot.number if unit else "",
        made=lot.manufactured_on,
        expires=lot.expires_on,
    )


def mark(lots: Sequence[Lot]) -> None:
    """Set the production identifier of every lot and unit we make ourselves, in three queries.

    Goods of other makers keep what their label says; materials carry no UDI.
    """
    own = [lot for lot in lots if lot.manufacturer_id is None and not lot.udi_pi]
    products = _products(lot.item_id for lot in own)
    own = [lot for lot in own if lot.item_id in products]
    if not own:
        return
    known, batches = identifiers_of(products), _batch_numbers(own)
    for lot in own:
        production = production_of(lot, batches.get(lot.batch_id or 0, ""))
        lot.udi_pi = production_identifier(_issuer(lot, known), production)


def _products(item_ids: Iterable[int]) -> set[int]:
    rows = Item.objects.filter(pk__in=set(item_ids), kind=Item.Kind.PRODUCT)
    return set(rows.values_list("pk", flat=True))


def _batch_numbers(lots: Iterable[Lot]) -> Mapping[int, str]:
    ids = {lot.batch_id for lot in lots if lot.batch_id}
    return dict(Lot.objects.filter(pk__in=ids).values_list("pk", "number")) if ids else {}


def _issuer(lot: Lot, known: Mapping[int, Sequence[DeviceIdentifier]]) -> str:
    found = carried(lot, known.get(lot.item_id, ()))
    return found.issuer if found else ""
