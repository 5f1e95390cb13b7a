"""Checks of what left: to whom, out of which allocation, made of what."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from traceability.completeness.chain_checks import MATERIAL
from traceability.completeness.registry import Found, evidence_check, found_by
from traceability.ids import IdSet

NO_SHIPMENT = """
    SELECT g.id, e.id, json_build_object('date', e.event_time::date,
                                         'quantity', trim_scale(i.quantity))
    FROM given g
    JOIN traceability_eventinput i ON i.lot_id = g.id
    JOIN traceability_traceevent e ON e.id = i.event_id AND e.biz_step = 'shipping'
    WHERE e.id NOT IN (SELECT id FROM void) AND NOT EXISTS (
        SELECT FROM sales_shipmentevent x JOIN sales_shipmentline s
            ON s.shipment_id = x.shipment_id AND s.lot_id = g.id
        WHERE x.event_id = e.id)"""

NO_ALLOCATION = """
    SELECT g.id, NULL::bigint, json_build_object('shipment', min(s.number))
    FROM given g
    JOIN sales_shipmentline k ON k.lot_id = g.id
    JOIN sales_shipment s ON s.id = k.shipment_id
    WHERE NOT EXISTS (SELECT FROM sales_allocation a
                      WHERE a.lot_id = g.id AND a.line_id = k.order_line_id)
    GROUP BY g.id"""

# Where the bill of material names components, "made of nothing" says the same already.
NO_MATERIAL = """
    SELECT g.id, NULL::bigint, json_build_object('date', min(e.event_time)::date)
    FROM given g
    JOIN masterdata_item m ON m.id = g.item_id AND m.kind IN ('product', 'semi')
    JOIN traceability_eventinput i ON i.lot_id = g.id
    JOIN traceability_traceevent e ON e.id = i.event_id AND e.biz_step = 'shipping'
    WHERE e.id NOT IN (SELECT id FROM void)
      AND EXISTS (SELECT FROM traceability_eventoutput o WHERE o.lot_id = g.id
                  AND o.event_id NOT IN (SELECT id FROM void))
      AND NOT EXISTS (
          SELECT FROM traceability_eventoutput o
          JOIN traceability_traceevent t ON t.id = o.event_id
          WHERE o.lot_id IN (g.id, g.batch_id) AND o.event_id NOT IN (SELECT id FROM void)
            AND t.disposition <> 'returned'
            AND (t.biz_step = 'receiving' OR EXISTS (
                SELECT FROM traceability_eventinput x WHERE x.event_id = o.event_id)))
      AND NOT EXISTS (
          SELECT FROM masterdata_bomline b
          JOIN masterdata_itemrevision r ON r.id = b.revision_id
          JOIN masterdata_item c ON c.id = b.component_id AND c.tracking <> 'none'
          WHERE r.id = g.revision_id
             OR (g.revision_id IS NULL AND r.item_id = g.item_id AND r.state = 'effective'))
    GROUP BY g.id"""


@evidence_check(
    "left_without_shipment",
    title=_("Left without a shipment"),
    wrong=_("%(quantity)s left on %(date)s; no shipment says to whom."),
    why=_("In a recall nobody could be told."),
    order=140,
)
def left_without_shipment(lots: IdSet) -> Iterable[Found]:
    """Lots that went away by an event without a shipment naming them."""
    return found_by(NO_SHIPMENT, lots)


@evidence_check(
    "shipped_without_allocation",
    title=_("Shipped without allocation"),
    wrong=_("Shipment %(shipment)s took it along although nothing of it was allocated."),
    why=_("What was to be checked before it left was not asked for this lot."),
    order=150,
)
def shipped_without_allocation(lots: IdSet) -> Iterable[Found]:
    """Lots on a shipment whose order line holds no allocation of them."""
    return found_by(NO_ALLOCATION, lots)


@evidence_check(
    "shipped_without_material",
    title=_("Shipped, and nothing is known of what it is made of"),
    wrong=_("It left on %(date)s; no event says what went into it, nor a bill of material."),
    why=_("A recall of a component lot would miss a device that is at a customer."),
    order=65,
    repairs=(MATERIAL,),
)
def shipped_without_material(lots: IdSet) -> Iterable[Found]:
    """Products made here that left without anything having gone into them."""
    return found_by(NO_MATERIAL, lots)
