"""Pages, lists and API of shipments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import (
    Count,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.masterdata.models import Partner
from erp.sales import queries
from erp.sales.models import Shipment, ShipmentLine
from erp.sales.records.cells import (
    in_unit,
    iso,
    item_link,
    moment,
    order_link,
    partner_link,
    return_link,
    shipment_link,
    shipment_pill,
)
from erp.sales.states import SHIPMENT
from erp.ui.page import Column, Fact, Moment, Number, Row, Section, Table, TimelineEntry
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.models import TraceEvent
from traceability.records import lot_link, lot_pill, site_choices
from traceability.words import event_words


def shipments_of(actor: Actor) -> QuerySet[Shipment]:
    """Return the shipments the actor may see with everything lists show, joined."""
    lines = ShipmentLine.objects.filter(shipment=OuterRef("pk")).order_by().values("shipment")
    count = Subquery(lines.annotate(n=Count("pk")).values("n"))
    rows = Shipment.objects.visible_to(actor).annotate(lot_count=Coalesce(count, Value(0)))
    return rows.select_related("customer", "order", "site", "shipped_by")


def _lines_joined() -> Prefetch[Any]:
    """Return the contents with the numbers of their lots and no more."""
    lines = ShipmentLine.objects.select_related("lot").order_by("pk")
    return Prefetch("lines", lines.only("shipment_id", "quantity", "lot__number"))


def _rows(actor: Actor) -> QuerySet[Shipment]:
    return shipments_of(actor).prefetch_related(_lines_joined())


def _facts(view: View) -> Sequence[Fact]:
    shipment: Shipment = view.record
    return [
        Fact(_("Sales order"), order_link(shipment.order)),
        Fact(_("Customer"), partner_link(shipment.customer)),
        Fact(_("Consignee"), shipment.ship_to_name),
        Fact(_("Delivery address"), shipment.ship_to_address or None),
        Fact(_("Country of delivery"), shipment.country),
        Fact(_("Shipped from"), shipment.site.code),
        Fact(pgettext_lazy("moment", "Shipped"), Moment(shipment.shipped_at)),
        Fact(_("Shipped by"), str(shipment.shipped_by)),
        Fact(_("Carrier"), shipment.carrier or None),
        Fact(_("Tracking number"), shipment.tracking or None),
        Fact(_("Delivered"), moment(shipment.delivered_at)),
        Fact(_("Received by"), shipment.received_by or None),
    ]


def _lines(view: View) -> Section:
    shipment: Shipment = view.record
    lines = queries.delivered_lines(ShipmentLine.objects.filter(shipment=shipment))
    shown, count = view.counted(lines)
    rows = [
        Row(
            [
                lot_pill(x.lot),
                lot_link(x.lot),
                lot_link(x.lot.batch) if x.lot.batch else "–",
                item_link(x.lot.item),
                x.lot.item.name,
                in_unit(x.quantity, x.lot.item),
                in_unit(x.back, x.lot.item),
            ],
            f"/lots/{x.lot_id}/",
        )
        for x in shown
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("lot", _("Lot or unit"), "mono"),
        Column("batch", _("Lot"), "mono"),
        Column("item", _("Item"), "mono"),
        Column("name", _("Name")),
        Column("quantity", pgettext_lazy("quantity", "Shipped"), "number"),
        Column("returned", _("Returned"), "number"),
    ]
    title = pgettext_lazy("goods", "Contents")
    return Section("lines", title, Table(columns, rows), count=count, tells_of_others=True)


def _story(view: View) -> Section:
    events = TraceEvent.objects.filter(shipment_link__shipment=view.record)
    events = events.select_related("performed_by", "site", "location").order_by("event_time", "pk")
    shown, count = view.counted(events)
    entries = [
        TimelineEntry(
            at=event.event_time,
            title=event_words(event),
            detail=" · ".join(p for p in (str(event.location or event.site.code), event.note) if p),
            who=str(event.performed_by),
            url=f"/trace-events/{event.pk}/",
        )
        for event in shown
    ]
    return Section("story", _("What happened"), timeline=entries, count=count)


def _returns(view: View) -> Section | None:
    returns = view.record.returns.select_related("received_by").order_by("-received_at", "-pk")
    shown, count = view.counted(returns)
    rows = [
        Row(
            [return_link(r), Moment(r.received_at), r.cause, str(r.received_by)],
            f"/returns/{r.pk}/",
        )
        for r in shown
    ]
    if not rows:
        return None
    columns = [
        Column("number", _("Return"), "mono"),
        Column("at", _("Received"), "moment"),
        Column("cause", _("Why returned")),
        Column("who", _("Received by")),
    ]
    return Section("returns", _("Returns"), Table(columns, rows), count=count)


def _api(shipment: Shipment) -> Mapping[str, Any]:
    # A shipment fresh from an operation was not read by ``_rows``.
    prefetch_related_objects([shipment], _lines_joined())
    return {
        "number": shipment.number,
        "state": shipment.state,
        "order_id": shipment.order_id,
        "order": shipment.order.number,
        "customer_id": shipment.customer_id,
        "customer": shipment.customer.code,
        "site_id": shipment.site_id,
        "ship_to_name": shipment.ship_to_name,
        "ship_to_address": shipment.ship_to_address,
        "country": shipment.country,
        "carrier": shipment.carrier,
        "tracking": shipment.tracking,
        "shipped_at": iso(shipment.shipped_at),
        "delivered_at": iso(shipment.delivered_at),
        "lines": [
            {"lot_id": x.lot_id, "lot": x.lot.number, "quantity": plain(x.quantity)}
            for x in shipment.lines.all()
        ],
    }


def _customers(actor: Actor) -> Sequence[tuple[str, str]]:
    reached = Partner.objects.filter(shipments__isnull=False).distinct().order_by("name")
    return [(str(pk), name) for pk, name in reached.values_list("pk", "name")[:100]]


def _countries(actor: Actor) -> Sequence[tuple[str, str]]:
    found = Shipment.objects.visible_to(actor).order_by("country").distinct()
    return [(code, code) for code in found.values_list("country", flat=True)]


def _by_item(rows: QuerySet[Shipment], value: str) -> QuerySet[Shipment]:
    return rows.filter(order__lines__item_id=value)


register(
    RecordKind(
        model="sales.Shipment",
        noun="shipments",
        nav="delivery",
        icon="truck-delivery",
        label=_("shipment"),
        plural=_("Shipments"),
        rows=_rows,
        number=lambda s: s.number,
        title=lambda s: s.ship_to_name,
        state=shipment_pill,
        columns=[
            ColumnSpec("state", _("State"), shipment_pill, "state", "state"),
            ColumnSpec("number", _("Number"), shipment_link, "mono", "number"),
            ColumnSpec("order", _("Sales order"), lambda s: order_link(s.order), "mono"),
            ColumnSpec(
                "customer", _("Customer"), lambda s: partner_link(s.customer), sort="customer__name"
            ),
            ColumnSpec("country", _("Country"), lambda s: s.country, sort="country"),
            ColumnSpec("lots", _("Lots and units"), lambda s: Number(str(s.lot_count)), "number"),
            ColumnSpec("carrier", _("Carrier"), lambda s: s.carrier or None),
            ColumnSpec("tracking", _("Tracking number"), lambda s: s.tracking or None, "mono"),
            ColumnSpec(
                "shipped",
                pgettext_lazy("moment", "Shipped"),
                lambda s: Moment(s.shipped_at),
                "moment",
                "shipped_at",
            ),
            ColumnSpec("site", _("Site"), lambda s: s.site.code),
        ],
        facts=_facts,
        sections=[_lines, _story, _returns],
        search=("number", "order__number", "customer__name", "ship_to_name", "tracking"),
        filters=[
            FilterSpec("state", _("State"), lambda a: SHIPMENT.choices(), "state"),
            FilterSpec("customer", _("Customer"), _customers, "customer_id"),
            FilterSpec("country", _("Country"), _countries, "country"),
            FilterSpec("item", _("Item"), lambda a: queries.item_choices(), apply=_by_item),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        scan=("number", "tracking"),
        api=_api,
        evidence=True,
        empty=_("Shipments stand here as soon as the first order leaves."),
    )
)
