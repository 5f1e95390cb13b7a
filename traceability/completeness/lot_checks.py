"""Checks of what a lot itself must carry: balance, number, identifier, expiry date."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from erp.core.quantities import plain
from traceability.completeness.registry import Found, evidence_check, found_by
from traceability.ids import IdSet
from traceability.trace.balance import balance

# The same number of one item, told apart only by the maker or by the lot.
SAME_SERIAL = """
    SELECT g.id, NULL::bigint,
           json_build_object('count', count(*) + 1, 'others', string_agg(
               coalesce(p.code, b.number, '–'), ', ' ORDER BY t.id))
    FROM given g
    JOIN traceability_lot t ON t.number = g.number AND t.item_id = g.item_id AND t.id <> g.id
        AND t.kind = 'serial'
    LEFT JOIN masterdata_partner p ON p.id = t.manufacturer_id
    LEFT JOIN traceability_lot b ON b.id = t.batch_id
    WHERE g.kind = 'serial' GROUP BY g.id"""

NO_UDI = """
    SELECT g.id, NULL::bigint, json_build_object('di', min(d.di))
    FROM given g JOIN traceability_deviceidentifier d
        ON d.item_id = g.item_id AND d.state = 'active' AND d.level = 'base'
    WHERE g.udi_pi = '' AND g.state = 'released' GROUP BY g.id"""

NO_EXPIRY = """
    SELECT g.id, NULL::bigint, json_build_object('days', i.shelf_life_days)
    FROM given g JOIN masterdata_item i ON i.id = g.item_id AND i.shelf_life_days IS NOT NULL
    WHERE g.expires_on IS NULL AND g.state = 'released'"""


@evidence_check(
    "quantity_gap",
    title=_("Quantities do not balance"),
    wrong=_("%(gap)s are not accounted for: received or made minus used, shipped and on hand."),
    why=_("Some of it went somewhere that nobody recorded, or came from somewhere unknown."),
    order=70,
)
def quantity_gap(lots: IdSet) -> Iterable[Found]:
    """Lots whose mass balance does not close; the same balance that the trace shows."""
    return [Found(b.lot_id, {"gap": plain(b.gap)}) for b in balance(lots) if not b.closed]


@evidence_check(
    "serial_twice",
    title=_("Serial number given more than once"),
    wrong=_("%(count)s units of this item carry the same number; also: %(others)s."),
    why=_("A complaint or a recall of this number cannot say which of them is meant."),
    order=80,
)
def serial_twice(lots: IdSet) -> Iterable[Found]:
    """Units of one item with the same number, of two makers or in two lots."""
    return found_by(SAME_SERIAL, lots)


@evidence_check(
    "udi_missing",
    title=_("Released without production identifier"),
    wrong=_("The item has the UDI-DI %(di)s, the lot or unit has no UDI-PI."),
    why=_("The identifier on its label cannot be led back to this record."),
    order=90,
)
def udi_missing(lots: IdSet) -> Iterable[Found]:
    """Released lots and units without UDI-PI, of items that have a UDI-DI."""
    return found_by(NO_UDI, lots)


@evidence_check(
    "expiry_missing",
    title=_("Released without expiry date"),
    wrong=_("The item keeps for %(days)s days, the lot or unit has no expiry date."),
    why=_("Nothing stops it from being used after it has expired."),
    order=100,
)
def expiry_missing(lots: IdSet) -> Iterable[Found]:
    """Released lots and units without expiry date, of items with a shelf life."""
    return found_by(NO_EXPIRY, lots)
