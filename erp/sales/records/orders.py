"""Pages, lists and API of sales orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet, TextField, prefetch_related_objects
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core import clock
from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.masterdata.models import Partner
from erp.sales import queries
from erp.sales.models import Allocation, SalesOrder, SalesOrderLine
from erp.sales.records.cells import (
    allocation_pill,
    in_unit,
    iso,
    item_link,
    moment,
    order_link,
    order_pill,
    partner_link,
    shipment_link,
    shipment_pill,
)
from erp.sales.states import ACTIVE, SALES_ORDER, OrderState
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.records import lot_link, site_choices


def _lines_joined() -> Prefetch[Any]:
    return Prefetch("lines", SalesOrderLine.objects.select_related("item").order_by("pk"))


def _in_force(allocations: QuerySet[Allocation]) -> QuerySet[Any, Any]:
    """Return the allocations in force in their JSON form, written by the database in one piece."""
    form = JSONObject(
        id="pk",
        number="number",
        lot_id="lot_id",
        lot="lot__number",
        location_id="location_id",
        quantity=Cast("quantity", TextField()),
        state="state",
    )
    return allocations.filter(state__in=ACTIVE).order_by("pk").values_list(form, flat=True)


def _broken(allocations: QuerySet[Allocation]) -> QuerySet[Any, Any]:
    """Return what holds have broken, in JSON form: by which hold, and whether it lies back."""
    form = JSONObject(
        id="pk",
        number="number",
        lot_id="lot_id",
        lot="lot__number",
        location_id="location_id",
        quantity=Cast("quantity", TextField()),
        broken_by="broken_by__number",
        picked_at="picked_at",
        put_back_at="put_back_at",
    )
    return allocations.filter(state="broken").order_by("pk").values_list(form, flat=True)


def _rows(actor: Actor) -> QuerySet[SalesOrder]:
    mine = Allocation.objects.filter(line__order=OuterRef("pk"))
    rows = queries.orders_of(actor).annotate(
        in_force=ArraySubquery(_in_force(mine)), broken=ArraySubquery(_broken(mine))
    )
    return rows.prefetch_related(_lines_joined())


def _due(order: SalesOrder) -> Any:
    if order.due_on is None:
        return None
    late = order.state == OrderState.OPEN and order.due_on < clock.today()
    return Pill(str(order.due_on), "bad", _("late")) if late else str(order.due_on)


def _facts(view: View) -> Sequence[Fact]:
    order: SalesOrder = view.record
    return [
        Fact(_("Customer"), partner_link(order.customer)),
        Fact(_("Customer's reference"), order.reference or None),
        Fact(_("Consignee"), order.ship_to_name),
        Fact(_("Delivery address"), order.ship_to_address or None),
        Fact(_("Country of delivery"), order.country),
        Fact(_("Delivered from"), order.site.code),
        Fact(pgettext_lazy("moment", "Ordered"), Moment(order.ordered_at)),
        Fact(_("Wanted by"), _due(order)),
    ]


def _lines(view: View) -> Section:
    status = queries.line_status(view.record)
    rows = [
        Row(
            [
                item_link(s.line.item),
                s.line.item.name,
                in_unit(s.line.quantity, s.line.item),
                in_unit(s.allocated, s.line.item),
                in_unit(s.shipped, s.line.item),
                in_unit(s.open, s.line.item),
            ],
            f"/items/{s.line.item_id}/",
        )
        for s in status
    ]
    columns = [
        Column("item", _("Item"), "mono"),
        Column("name", _("Name")),
        Column("ordered", pgettext_lazy("quantity", "Ordered"), "number"),
        Column("allocated", _("Reserved"), "number"),
        Column("shipped", pgettext_lazy("quantity", "Shipped"), "number"),
        Column("open", _("Open"), "number"),
    ]
    return Section("lines", _("Lines"), Table(columns, rows), count=len(rows))


def _allocations(view: View) -> Section:
    allocations = Allocation.objects.filter(line__order=view.record)
    allocations = allocations.select_related("lot__item", "location", "broken_by").order_by("-pk")
    shown, count = view.counted(allocations)
    rows = [
        Row(
            [
                allocation_pill(a),
                Link(a.number, mono=True),
                lot_link(a.lot),
                item_link(a.lot.item),
                in_unit(a.quantity, a.lot.item),
                a.location.code,
                str(a.lot.expires_on) if a.lot.expires_on else "–",
                _remark(a),
            ],
            f"/lots/{a.lot_id}/",
        )
        for a in shown
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("number", _("Number"), "mono"),
        Column("lot", _("Lot or unit"), "mono"),
        Column("item", _("Item"), "mono"),
        Column("quantity", _("Quantity"), "number"),
        Column("place", _("Location"), "mono"),
        Column("expires", _("Expires")),
        Column("remark", _("Remark")),
    ]
    empty = _("Nothing is reserved yet. Allocate lots to this order.")
    table = Table(columns, rows, empty)
    return Section("allocations", _("Reservations"), table, count=count)


def _remark(allocation: Allocation) -> Any:
    if allocation.broken_by is None:
        return moment(allocation.picked_at) if allocation.picked_at else "–"
    hold = allocation.broken_by
    link = Link(hold.number, f"/holds/{hold.pk}/", mono=True)
    if allocation.picked_at and not allocation.put_back_at:
        return [link, Pill(_("put back"), "bad", _("Picked goods must go back to their place"))]
    return link


def _shipments(view: View) -> Section | None:
    shipments = view.record.shipments.order_by("-shipped_at", "-pk")
    shown, count = view.counted(shipments)
    rows = [
        Row(
            [
                shipment_pill(s),
                shipment_link(s),
                Moment(s.shipped_at),
                s.carrier or None,
                s.tracking or None,
            ],
            f"/shipments/{s.pk}/",
        )
        for s in shown
    ]
    if not rows:
        return None
    columns = [
        Column("state", _("State"), "state"),
        Column("number", _("Shipment"), "mono"),
        Column("at", pgettext_lazy("moment", "Shipped"), "moment"),
        Column("carrier", _("Carrier")),
        Column("tracking", _("Tracking number"), "mono"),
    ]
    return Section("shipments", _("Shipments"), Table(columns, rows), count=count)


def _api(order: SalesOrder) -> Mapping[str, Any]:
    """Return the JSON form; ``allocations`` are those in force, ``broken_allocations`` the lost."""
    # An order fresh from an operation was not read by ``_rows``.
    prefetch_related_objects([order], _lines_joined())
    in_force, broken = getattr(order, "in_force", None), getattr(order, "broken", None)
    if in_force is None or broken is None:
        mine = Allocation.objects.filter(line__order=order)
        in_force, broken = list(_in_force(mine)), list(_broken(mine))
    return {
        "number": order.number,
        "state": order.state,
        "customer_id": order.customer_id,
        "customer": order.customer.code,
        "reference": order.reference,
        "site_id": order.site_id,
        "site": order.site.code,
        "ship_to_name": order.ship_to_name,
        "ship_to_address": order.ship_to_address,
        "country": order.country,
        "ordered_at": iso(order.ordered_at),
        "due_on": iso(order.due_on),
        "lines": [
            {"item_id": x.item_id, "item": x.item.code, "quantity": plain(x.quantity)}
            for x in order.lines.all()
        ],
        "allocations": [_with_plain_quantity(a) for a in in_force],
        "broken_allocations": [_with_plain_quantity(a) for a in broken],
    }


def _with_plain_quantity(form: Mapping[str, Any]) -> dict[str, Any]:
    return {**form, "quantity": plain(Decimal(form["quantity"]))}


def _customers(actor: Actor) -> Sequence[tuple[str, str]]:
    ordering = Partner.objects.filter(sales_orders__isnull=False).distinct().order_by("name")
    return [(str(pk), name) for pk, name in ordering.values_list("pk", "name")[:100]]


def _by_item(rows: QuerySet[SalesOrder], value: str) -> QuerySet[SalesOrder]:
    return rows.filter(lines__item_id=value)


register(
    RecordKind(
        model="sales.SalesOrder",
        noun="sales-orders",
        nav="delivery",
        icon="shopping-cart",
        label=_("sales order"),
        plural=_("Sales orders"),
        rows=_rows,
        number=lambda o: o.number,
        title=lambda o: o.customer.name,
        state=order_pill,
        columns=[
            ColumnSpec("state", _("State"), order_pill, "state", "state"),
            ColumnSpec("number", _("Number"), order_link, "mono", "number"),
            ColumnSpec(
                "customer", _("Customer"), lambda o: partner_link(o.customer), sort="customer__name"
            ),
            ColumnSpec("reference", _("Customer's reference"), lambda o: o.reference or None),
            ColumnSpec("country", _("Country"), lambda o: o.country, sort="country"),
            ColumnSpec("lines", _("Lines"), lambda o: Number(str(o.line_count)), "number"),
            ColumnSpec(
                "ordered",
                pgettext_lazy("moment", "Ordered"),
                lambda o: Moment(o.ordered_at),
                "moment",
                "ordered_at",
            ),
            ColumnSpec("due", _("Wanted by"), _due, sort="due_on"),
            ColumnSpec("site", _("Site"), lambda o: o.site.code, sort="site__code"),
        ],
        facts=_facts,
        sections=[_lines, _allocations, _shipments],
        search=("number", "reference", "customer__name", "customer__code"),
        filters=[
            FilterSpec("state", _("State"), lambda a: SALES_ORDER.choices(), "state"),
            FilterSpec("customer", _("Customer"), _customers, "customer_id"),
            FilterSpec("item", _("Item"), lambda a: queries.item_choices(), apply=_by_item),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        scan=("number",),
        api=_api,
        empty=_("Orders of customers stand here. Take the first one."),
    )
)

add_tasks(
    TaskSource(
        code="orders-to-allocate",
        title=_("Orders to allocate"),
        permission="sales.allocate",
        noun="sales-orders",
        rows=queries.orders_to_allocate,
        query="state=open",
        icon="list-check",
    )
)
add_tasks(
    TaskSource(
        code="orders-to-ship",
        title=_("Orders to ship"),
        permission="sales.ship_order",
        noun="sales-orders",
        rows=queries.orders_to_ship,
        query="state=open",
        icon="truck-delivery",
    )
)
add_tasks(
    TaskSource(
        code="picked-goods-on-hold",
        title=_("Picked goods stopped by a hold: put back"),
        permission="sales.confirm_put_back",
        noun="sales-orders",
        rows=queries.orders_with_broken,
        query="state=open",
        icon="hand-stop",
        tone="bad",
        blocked=True,
    )
)
