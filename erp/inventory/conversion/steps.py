"""Writes of conversions. The lots are locked by the caller."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.core import clock
from erp.core.context import Context
from erp.core.quantities import ZERO
from erp.inventory import steps as stock
from erp.inventory.events import LotsDerived
from erp.inventory.models import StockStatus
from erp.inventory.queries import virtual_place
from erp.inventory.steps import MoveLine, Place
from erp.masterdata.models import Item, Location
from traceability.models import Lot, TraceEvent
from traceability.states import LotState
from traceability.steps import Happening, change_state, expiry_of, note_site, record


@dataclass(frozen=True, slots=True)
class Goods:
    """A quantity of a lot at a place in a status."""

    lot: Lot
    quantity: Decimal
    place: Place


def lot_like(parent: Lot, number: str, **other: object) -> Lot:
    """Return a new lot that is what its parent is: item, revision, maker, dates, decision.

    What is printed on the goods does not change by parting them, so the UDI-PI stays as well.
    """
    values: dict[str, object] = {
        "item": parent.item,
        "revision_id": parent.revision_id,
        "kind": Lot.Kind.LOT,
        "manufacturer_id": parent.manufacturer_id,
        "supplier_lot": parent.supplier_lot,
        "udi_pi": parent.udi_pi,
        "site_id": parent.site_id,
        "state": parent.state,
        "manufactured_on": parent.manufactured_on,
        "expires_on": parent.expires_on,
    }
    return Lot(number=number, **{**values, **other})


def earliest(days: Iterable[dt.date | None]) -> dt.date | None:
    """Return the earliest of these days, leaving out what is not known."""
    return min((day for day in days if day is not None), default=None)


def kit_expiry(ctx: Context, item: Item, parts: Collection[Lot]) -> dt.date | None:
    """Return when a kit expires: with its first part, or sooner by its own shelf life."""
    own = expiry_of(item, (ctx.at or clock.now()).date())
    return earliest([own, *(part.expires_on for part in parts)])


@dataclass(frozen=True, slots=True)
class Conversion:
    """What goes in, what comes out, and how that step is called (CBV)."""

    biz_step: str
    site_id: int
    location: Location
    taken: Sequence[Goods]
    made: Sequence[Goods]
    note: str = ""


def convert(ctx: Context, conversion: Conversion) -> TraceEvent:
    """Write a conversion: one transformation with the quantities that really flowed, the ledger."""
    event = record(
        ctx,
        Happening(
            kind=TraceEvent.Kind.TRANSFORMATION,
            biz_step=conversion.biz_step,
            disposition="in_progress",
            site_id=conversion.site_id,
            location=conversion.location,
            inputs=_per_lot(conversion.taken),
            outputs=_per_lot(conversion.made),
            note=conversion.note,
        ),
    )
    # Goods may lie at another site than the one their lot belongs to: people there see it.
    note_site([goods.lot for goods in conversion.made], conversion.location.site)
    nowhere = Place(virtual_place(conversion.site_id, Location.Kind.PRODUCTION))
    stock.move(
        ctx,
        event,
        [
            *(MoveLine(g.lot, g.quantity, g.place, nowhere) for g in conversion.taken),
            *(MoveLine(g.lot, g.quantity, nowhere, g.place) for g in conversion.made),
        ],
    )
    return event


def _per_lot(goods: Iterable[Goods]) -> Mapping[int, Decimal]:
    total: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in goods:
        total[one.lot.pk] += one.quantity
    return dict(total)


def inherit(ctx: Context, parents: Collection[Lot], children: Sequence[Lot], site_id: int) -> None:
    """Bind new lots by the holds of their parents, and tell the higher apps."""
    ids = frozenset(parent.pk for parent in parents)
    made = tuple(child.pk for child in children)
    stock.carry_holds(ids, made)
    ctx.emit(LotsDerived(ids, made, site_id))


def wait_for_decision(ctx: Context, lot: Lot) -> None:
    """Take a unit that was worked on back to wait for a decision."""
    if lot.kind == Lot.Kind.SERIAL and lot.state != LotState.QUARANTINE:
        change_state(ctx, [lot], "quarantine")


QUARANTINE = StockStatus.QUARANTINE
