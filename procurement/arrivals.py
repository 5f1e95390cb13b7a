"""What arrived, matched with what was ordered; every misfit is named by its row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Required, TypedDict

from django.utils.translation import gettext as _

from erp.core.errors import FieldFault, InvalidInput
from erp.core.quantities import ZERO
from erp.inventory.steps import check_fineness
from erp.masterdata.models import Tracking
from procurement.models import PurchaseOrderLine

SERIAL_TRACKED = frozenset({Tracking.SERIAL, Tracking.BOTH})


class DeliveredLine(TypedDict, total=False):
    """One delivered line; as its input says."""

    line: int | None
    item_id: int | None
    quantity: Required[Decimal]
    supplier_lot: str
    number: str
    manufactured_on: dt.date | None
    expires_on: dt.date | None
    serials: list[str]
    certificate_number: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivered line, matched with its order line."""

    line: PurchaseOrderLine
    quantity: Decimal
    supplier_lot: str = ""
    number: str = ""
    manufactured_on: dt.date | None = None
    expires_on: dt.date | None = None
    serials: tuple[str, ...] = ()
    certificate_number: str = ""

    @property
    def in_lot(self) -> bool:
        """Tell whether it is judged as a lot: always, but for a single serial-numbered unit.

        Units that arrive together are one population, presented to one inspection (ISO 13485,
        7.4.3). An item without lot numbers of its own gets an internal one for the delivery; its
        units keep their serial numbers.
        """
        return self.line.item.tracking != Tracking.SERIAL or len(self.serials) > 1


def match(
    ordered: Sequence[PurchaseOrderLine], delivered: Sequence[DeliveredLine], today: dt.date
) -> list[Arrival]:
    """Return what arrived; raise ``InvalidInput`` naming every row that cannot be used."""
    found, faults = [], []
    for row, given in enumerate(delivered, start=1):
        line, misfit = _line_of(ordered, given)
        wrong = [misfit] if line is None else _faults(line, given, today)
        faults += [FieldFault(f"lines.{name}", reason, row) for name, reason in wrong]
        if line is not None and not wrong:
            found.append(_arrival(line, given))
    if faults:
        raise InvalidInput(faults=faults)
    return found


def _arrival(line: PurchaseOrderLine, given: DeliveredLine) -> Arrival:
    check_fineness(line.item, given["quantity"])
    return Arrival(
        line=line,
        quantity=given["quantity"],
        supplier_lot=given.get("supplier_lot", ""),
        number=given.get("number", ""),
        manufactured_on=given.get("manufactured_on"),
        expires_on=given.get("expires_on"),
        serials=tuple(given.get("serials", ())),
        certificate_number=given.get("certificate_number", ""),
    )


def _line_of(
    ordered: Sequence[PurchaseOrderLine], given: DeliveredLine
) -> tuple[PurchaseOrderLine | None, tuple[str, str]]:
    """Return the order line by number, else the one line of that item; or what is wrong."""
    position, item_id = given.get("line"), given.get("item_id")
    if position is None and item_id is None:
        return None, ("line", _("Give the line of the order, or the item."))
    fitting = [
        line
        for line in ordered
        if position in {None, line.position} and item_id in {None, line.item_id}
    ]
    if not fitting:
        return None, ("line" if position else "item_id", _("The order has no such line."))
    if len(fitting) > 1:
        return None, ("line", _("Several lines order this item: give the number of the line."))
    return fitting[0], ("", "")


def _faults(line: PurchaseOrderLine, given: DeliveredLine, today: dt.date) -> list[tuple[str, str]]:
    return [*_serial_faults(line, given), *_date_faults(given, today)]


def _serial_faults(line: PurchaseOrderLine, given: DeliveredLine) -> list[tuple[str, str]]:
    serials, tracking = given.get("serials") or [], line.item.tracking
    if tracking not in SERIAL_TRACKED:
        wrong = _("%(item)s is not followed by serial number: leave the serial numbers empty.")
        return [("serials", wrong % {"item": line.item.code})] if serials else []
    found = []
    if len(serials) != given["quantity"]:
        wrong = _("%(given)s serial numbers were given for %(quantity)s units.")
        facts = {"given": len(serials), "quantity": f"{given['quantity'].normalize():f}"}
        found.append(("serials", wrong % facts))
    if tracking == Tracking.SERIAL and given.get("number"):
        wrong = _("%(item)s has no lots: each unit carries its own serial number.")
        found.append(("number", wrong % {"item": line.item.code}))
    return found


def _date_faults(given: DeliveredLine, today: dt.date) -> list[tuple[str, str]]:
    made, expires = given.get("manufactured_on"), given.get("expires_on")
    found = []
    if made is not None and made > today:
        found.append(("manufactured_on", _("This lies in the future.")))
    if made is not None and expires is not None and expires < made:
        found.append(("expires_on", _("It would expire before it was made.")))
    return found


def totals(arrivals: Sequence[Arrival]) -> Mapping[PurchaseOrderLine, Decimal]:
    """Return how much arrived for each order line."""
    found: dict[PurchaseOrderLine, Decimal] = {}
    for arrival in arrivals:
        found[arrival.line] = found.get(arrival.line, ZERO) + arrival.quantity
    return found
