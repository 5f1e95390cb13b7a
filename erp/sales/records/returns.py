"""Pages, lists and API of customer returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.sales.models import CustomerReturn, CustomerReturnLine
from erp.sales.records.cells import (
    in_unit,
    iso,
    item_link,
    partner_link,
    return_link,
    shipment_link,
)
from erp.ui.page import Column, Fact, Link, Moment, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.records import lot_link, lot_pill, site_choices


def _lines_joined() -> Prefetch[Any]:
    lines = CustomerReturnLine.objects.select_related("shipment_line__lot").order_by("pk")
    return Prefetch("lines", lines)


def _rows(actor: Actor) -> QuerySet[CustomerReturn]:
    rows = CustomerReturn.objects.visible_to(actor)
    rows = rows.select_related("shipment__customer", "site", "location", "received_by")
    return rows.prefetch_related(_lines_joined())


def _facts(view: View) -> Sequence[Fact]:
    made: CustomerReturn = view.record
    place = made.location
    return [
        Fact(_("Shipment"), shipment_link(made.shipment)),
        Fact(_("Customer"), partner_link(made.shipment.customer)),
        Fact(_("Why returned"), made.cause),
        Fact(_("Received"), Moment(made.received_at)),
        Fact(_("Received by"), str(made.received_by)),
        Fact(_("Quarantine store"), Link(str(place), f"/locations/{place.pk}/")),
        Fact(_("Site"), made.site.code),
    ]


def _lines(view: View) -> Section:
    lines = view.record.lines.select_related("shipment_line__lot__item").order_by("pk")
    shown, count = view.counted(lines)
    lots = [(x.shipment_line.lot, x.quantity) for x in shown]
    rows = [
        Row(
            [
                lot_pill(lot),
                lot_link(lot),
                item_link(lot.item),
                lot.item.name,
                in_unit(q, lot.item),
            ],
            f"/lots/{lot.pk}/",
        )
        for lot, q in lots
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("lot", _("Lot or unit"), "mono"),
        Column("item", _("Item"), "mono"),
        Column("name", _("Name")),
        Column("quantity", _("Returned"), "number"),
    ]
    title = pgettext_lazy("goods", "Contents")
    return Section("lines", title, Table(columns, rows), count=count, tells_of_others=True)


def _api(made: CustomerReturn) -> Mapping[str, Any]:
    # A return fresh from an operation was not read by ``_rows``.
    prefetch_related_objects([made], _lines_joined())
    return {
        "number": made.number,
        "shipment_id": made.shipment_id,
        "shipment": made.shipment.number,
        "customer": made.shipment.customer.code,
        "site_id": made.site_id,
        "cause": made.cause,
        "received_at": iso(made.received_at),
        "lines": [
            {
                "lot_id": x.shipment_line.lot_id,
                "lot": x.shipment_line.lot.number,
                "quantity": plain(x.quantity),
            }
            for x in made.lines.all()
        ],
    }


register(
    RecordKind(
        model="sales.CustomerReturn",
        noun="returns",
        nav="delivery",
        icon="truck-return",
        label=_("customer return"),
        plural=_("Customer returns"),
        rows=_rows,
        number=lambda r: r.number,
        title=lambda r: r.shipment.customer.name,
        columns=[
            ColumnSpec("number", _("Number"), return_link, "mono", "number"),
            ColumnSpec("customer", _("Customer"), lambda r: partner_link(r.shipment.customer)),
            ColumnSpec("shipment", _("Shipment"), lambda r: shipment_link(r.shipment), "mono"),
            ColumnSpec("cause", _("Why returned"), lambda r: r.cause),
            ColumnSpec(
                "at", _("Received"), lambda r: Moment(r.received_at), "moment", "received_at"
            ),
            ColumnSpec("by", _("Received by"), lambda r: str(r.received_by)),
            ColumnSpec("site", _("Site"), lambda r: r.site.code),
        ],
        facts=_facts,
        sections=[_lines],
        search=("number", "shipment__number", "shipment__customer__name", "cause"),
        filters=[FilterSpec("site", _("Site"), site_choices, "site_id")],
        scan=("number",),
        api=_api,
        empty=_("What customers send back stands here."),
    )
)
