"""What sales adds to the pages of lots, partners and holds."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.actor import Actor
from erp.inventory.queries import family
from erp.sales import queries
from erp.sales.models import Allocation, ShipmentLine
from erp.sales.queries import Delivery
from erp.sales.records.cells import (
    allocation_pill,
    in_unit,
    order_link,
    order_pill,
    partner_link,
    shipment_link,
    shipment_pill,
)
from erp.sales.records.shipments import shipments_of
from erp.ui.page import Column, Fact, Moment, Number, Row, Section, Table
from erp.ui.records import View, add_facts, add_section
from traceability.models import Lot
from traceability.records import lot_link

DELIVERY_COLUMNS = [
    Column("lot", _("Lot or unit"), "mono"),
    Column("consignee", _("Consignee")),
    Column("address", _("Delivery address")),
    Column("country", _("Country")),
    Column("at", pgettext_lazy("moment", "Shipped"), "moment"),
    Column("shipment", _("Shipment"), "mono"),
    Column("quantity", _("Quantity"), "number"),
    Column("returned", _("Returned"), "number"),
]


def _delivery_row(delivery: Delivery, actor: Actor) -> Row:
    shipment = delivery.shipment
    # A lot may have been shipped from a site whose pages this person does not see.
    seen = actor.sees_site(shipment.site_id)
    return Row(
        [
            lot_link(delivery.lot),
            delivery.consignee,
            delivery.address or None,
            delivery.country,
            Moment(delivery.shipped_at),
            shipment_link(shipment) if seen else shipment.number,
            in_unit(delivery.quantity, delivery.lot.item),
            in_unit(delivery.returned, delivery.lot.item),
        ],
        f"/shipments/{shipment.pk}/" if seen else "",
    )


def _where_it_went(view: View) -> Section | None:
    """The distribution record of a lot with all its units (ISO 13485, 7.5.9.2; 21 CFR 821)."""
    lot: Lot = view.record
    of_lot = ShipmentLine.objects.standing().filter(lot__in=family(lot.pk))
    lines = queries.delivered_lines(of_lot)
    shown, count = view.counted(lines)
    if not count:
        return None
    rows = [_delivery_row(queries.delivery_of(x), view.actor) for x in shown]
    return Section("distribution", _("Where it went"), Table(DELIVERY_COLUMNS, rows), count=count)


def _promised(view: View) -> Section | None:
    lot: Lot = view.record
    rows = Allocation.objects.visible_to(view.actor).filter(lot__in=family(lot.pk))
    rows = rows.exclude(state="shipped").select_related("lot__item", "line__order__customer")
    shown, count = view.counted(rows.order_by("-pk"))
    if not count:
        return None
    table = Table(
        [
            Column("state", _("State"), "state"),
            Column("lot", _("Lot or unit"), "mono"),
            Column("order", _("Sales order"), "mono"),
            Column("customer", _("Customer")),
            Column("quantity", _("Quantity"), "number"),
        ],
        [
            Row(
                [
                    allocation_pill(a),
                    lot_link(a.lot),
                    order_link(a.line.order),
                    partner_link(a.line.order.customer),
                    in_unit(a.quantity, a.lot.item),
                ],
                f"/sales-orders/{a.line.order_id}/",
            )
            for a in shown
        ],
    )
    return Section("promised", _("Reservations"), table, count=count)


def _partner_orders(view: View) -> Section | None:
    if not view.record.is_customer:
        return None
    orders = (
        queries.orders_of(view.actor).filter(customer=view.record).order_by("-ordered_at", "-pk")
    )
    shown, count = view.counted(orders)
    table = Table(
        [
            Column("state", _("State"), "state"),
            Column("number", _("Number"), "mono"),
            Column("reference", _("Customer's reference")),
            Column("ordered", pgettext_lazy("moment", "Ordered"), "moment"),
            Column("lines", _("Lines"), "number"),
        ],
        [
            Row(
                [
                    order_pill(o),
                    order_link(o),
                    o.reference or None,
                    Moment(o.ordered_at),
                    Number(str(o.line_count)),
                ],
                f"/sales-orders/{o.pk}/",
            )
            for o in shown
        ],
        _("This customer has ordered nothing yet."),
    )
    return Section("orders", _("Sales orders"), table, count=count)


def _partner_shipments(view: View) -> Section | None:
    if not view.record.is_customer:
        return None
    shipments = shipments_of(view.actor).filter(customer=view.record)
    shipments = shipments.order_by("-shipped_at", "-pk")
    shown, count = view.counted(shipments)
    table = Table(
        [
            Column("state", _("State"), "state"),
            Column("number", _("Shipment"), "mono"),
            Column("order", _("Sales order"), "mono"),
            Column("consignee", _("Consignee")),
            Column("at", pgettext_lazy("moment", "Shipped"), "moment"),
            Column("lots", _("Lots and units"), "number"),
        ],
        [
            Row(
                [
                    shipment_pill(s),
                    shipment_link(s),
                    order_link(s.order),
                    s.ship_to_name,
                    Moment(s.shipped_at),
                    Number(str(s.lot_count)),
                ],
                f"/shipments/{s.pk}/",
            )
            for s in shown
        ],
        _("Nothing was shipped to this customer yet."),
    )
    return Section("shipments", _("Shipments"), table, count=count)


def _partner_terms(view: View) -> Sequence[Fact]:
    if not view.record.is_customer:
        return []
    terms = getattr(view.record, "terms", None)
    days = terms.minimum_life_days if terms else 0
    return [Fact(_("Minimum remaining life"), Number(str(days), _("days")) if days else None)]


def _hold_broken(view: View) -> Section | None:
    impact = queries.hold_impact(view.record.pk)
    if not impact.broken:
        return None
    rows = [
        Row(
            [
                allocation_pill(a),
                lot_link(a.lot),
                order_link(a.line.order),
                partner_link(a.line.order.customer),
                in_unit(a.quantity, a.lot.item),
                _("picked") if a.picked_at else "–",
                Moment(a.put_back_at) if a.put_back_at else "–",
            ],
            f"/sales-orders/{a.line.order_id}/",
        )
        for a in impact.broken
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("lot", _("Lot or unit"), "mono"),
        Column("order", _("Sales order"), "mono"),
        Column("customer", _("Customer")),
        Column("quantity", _("Quantity"), "number"),
        Column("picked", _("Was picked")),
        Column("back", _("Put back"), "moment"),
    ]
    return Section("broken", _("Reservations it broke"), Table(columns, rows), count=len(rows))


def _hold_in_transit(view: View) -> Section | None:
    moving = queries.hold_impact(view.record.pk).in_transit
    if not moving:
        return None
    rows = [_delivery_row(delivery, view.actor) for delivery in moving]
    return Section(
        "in-transit", _("Shipments on their way"), Table(DELIVERY_COLUMNS, rows), count=len(rows)
    )


add_section("traceability.Lot", 56, _promised)
add_section("traceability.Lot", 40, _where_it_went)
add_section("masterdata.Partner", 50, _partner_orders)
add_section("masterdata.Partner", 52, _partner_shipments)
add_facts("masterdata.Partner", _partner_terms)
add_section("inventory.Hold", 55, _hold_broken)
add_section("inventory.Hold", 56, _hold_in_transit)
