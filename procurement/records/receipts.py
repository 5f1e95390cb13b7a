"""Pages, lists and API of receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register, url_of
from procurement.models import Receipt, ReceiptLine, ReceiptLineQuerySet
from procurement.records.approvals import supplier_choices
from procurement.records.orders import site_choices
from traceability.records import lot_link, lot_pill

API_LINES = 100
"""A receipt of 10,000 units names that many lots; the API gives the first and says so."""

WRONG = {"event__corrections__isnull": False}

LINE_COLUMNS = (
    Column("state", _("State"), "state"),
    Column("lot", _("Lot or unit"), "mono"),
    Column("item", _("Item"), "mono"),
    Column("name", _("Name")),
    Column("quantity", _("Quantity"), "number"),
    Column("supplier_lot", _("Supplier's lot"), "mono"),
    Column("certificate", _("Certificate"), "mono"),
    Column("expires", _("Expires"), "moment"),
    Column("line", _("Order line"), "number"),
)


def _full_lines() -> ReceiptLineQuerySet:
    return ReceiptLine.objects.select_related("lot__item", "order_line").order_by("pk")


def _standing_lines() -> ReceiptLineQuerySet:
    return _full_lines().standing()


def wrong_pill(receipt: Receipt) -> Pill | None:
    """Say of a receipt that it did not happen; the others need no word."""
    return Pill(_("declared wrong"), "bad") if _is_wrong(receipt) else None


def _is_wrong(receipt: Receipt) -> bool:
    """Tell whether a receipt was declared wrong, however it was read."""
    known: bool | None = getattr(receipt, "declared_wrong", None)
    return known if known is not None else receipt.events.filter(**WRONG).exists()


def receipts(actor: Actor) -> QuerySet[Receipt]:
    """Return the visible receipts with order, supplier, place, their first lots and how many."""
    standing = ReceiptLine.objects.standing().filter(receipt=OuterRef("pk"))
    lines = standing.order_by().values("receipt")
    count = Subquery(lines.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    first = Prefetch("lines", queryset=_standing_lines()[:API_LINES], to_attr="first_lines")
    rows = Receipt.objects.visible_to(actor).with_wrong().annotate(lot_count=Coalesce(count, 0))
    return rows.select_related(
        "order__supplier", "site", "location", "received_by"
    ).prefetch_related(first)


def _first_lines(receipt: Receipt) -> list[ReceiptLine]:
    """Return the first lines, however the receipt was read."""
    ready: list[ReceiptLine] | None = getattr(receipt, "first_lines", None)
    if ready is not None:
        return ready
    return list(_standing_lines().filter(receipt=receipt)[:API_LINES])


def _lot_count(receipt: Receipt) -> int:
    counted: int | None = getattr(receipt, "lot_count", None)
    return counted if counted is not None else _standing_lines().filter(receipt=receipt).count()


def _line_api(line: ReceiptLine) -> Mapping[str, Any]:
    return {
        "lot": {"id": line.lot_id, "number": line.lot.number},
        "item": line.lot.item.code,
        "quantity": plain(line.quantity),
        "supplier_lot": line.lot.supplier_lot,
        "certificate_number": line.certificate_number,
        "order_line": line.order_line.position,
    }


def _api(receipt: Receipt) -> Mapping[str, Any]:
    count = _lot_count(receipt)
    lines = [_line_api(line) for line in _first_lines(receipt)]
    return {
        "number": receipt.number,
        "order": {"id": receipt.order_id, "number": receipt.order.number},
        "supplier": {"id": receipt.order.supplier_id, "code": receipt.order.supplier.code},
        "site": {"id": receipt.site_id, "code": receipt.site.code},
        "location": {"id": receipt.location_id, "code": receipt.location.code},
        "received_at": receipt.received_at.isoformat(),
        "declared_wrong": _is_wrong(receipt),
        "received_by": receipt.received_by.username,
        "delivery_note": receipt.delivery_note,
        "lot_count": count,
        "lines": lines,
        "lines_complete": len(lines) == count,
    }


def _facts(view: View) -> Sequence[Fact]:
    r: Receipt = view.record
    order, supplier = r.order, r.order.supplier
    return [
        Fact(_("Purchase order"), Link(order.number, url_of(order), mono=True)),
        Fact(_("Supplier"), Link(str(supplier), url_of(supplier))),
        Fact(_("Received"), Moment(r.received_at)),
        Fact(_("Received by"), str(r.received_by)),
        Fact(_("Put into"), Link(str(r.location), url_of(r.location))),
        Fact(_("Delivery note"), Link(r.delivery_note, mono=True) if r.delivery_note else None),
        Fact(_("Site"), Link(str(r.site), url_of(r.site))),
    ]


def line_row(line: ReceiptLine) -> Row:
    """Return a received lot as a row of a table."""
    lot = line.lot
    return Row(
        (
            lot_pill(lot),
            lot_link(lot),
            Link(lot.item.code, url_of(lot.item), mono=True),
            lot.item.name,
            Number(plain(line.quantity), lot.item.get_unit_display()),
            lot.supplier_lot or None,
            line.certificate_number or None,
            lot.expires_on,
            Number(str(line.order_line.position)),
        ),
        url_of(lot),
    )


def _lines(view: View) -> Section:
    """Show what came; of a receipt that was declared wrong, what was recorded, and that it is."""
    rows = _full_lines().filter(receipt=view.record)
    shown = view.first(rows)
    if _is_wrong(view.record):
        note = _("This receipt was declared wrong: nothing of it came in. This was recorded.")
        table = Table(LINE_COLUMNS, [line_row(line) for line in shown])
        title = _("Recorded by mistake")
        return Section("lots", title, table, count=rows.count(), note=note, tells_of_others=True)
    count = _lot_count(view.record)
    more = (
        Link(_("All lots of this receipt in the trace"), _trace(view.record))
        if count > len(shown)
        else None
    )
    table = Table(LINE_COLUMNS, [line_row(line) for line in shown], more=more)
    return Section("lots", _("Lots and units"), table, count=count, tells_of_others=True)


def _trace(receipt: Receipt) -> str:
    return f"/trace/?start=receipt:{receipt.number}"


register(
    RecordKind(
        model="procurement.Receipt",
        noun="receipts",
        nav="supply",
        icon="package-import",
        label=_("receipt"),
        plural=_("Receipts"),
        rows=receipts,
        columns=(
            ColumnSpec("number", _("Number"), lambda r: r.number, "mono", "number"),
            ColumnSpec(
                "received_at",
                _("Received"),
                lambda r: Moment(r.received_at),
                "moment",
                "received_at",
            ),
            ColumnSpec(
                "order",
                _("Purchase order"),
                lambda r: Link(r.order.number, url_of(r.order), mono=True),
                "mono",
                "order__number",
            ),
            ColumnSpec("supplier", _("Supplier"), lambda r: r.order.supplier.name),
            ColumnSpec("lots", _("Lots and units"), lambda r: Number(str(r.lot_count)), "number"),
            ColumnSpec("place", _("Put into"), lambda r: r.location.code, "mono"),
            ColumnSpec("state", _("State"), wrong_pill, "state"),
            ColumnSpec("who", _("Received by"), lambda r: str(r.received_by)),
            ColumnSpec("site", _("Site"), lambda r: r.site.code, sort="site__code"),
        ),
        api=_api,
        number=lambda r: r.number,
        title=lambda r: r.order.supplier.name,
        state=wrong_pill,
        facts=_facts,
        sections=(_lines,),
        search=("number", "order__number", "order__supplier__name", "delivery_note"),
        filters=(
            FilterSpec("site", _("Site"), site_choices, "site"),
            FilterSpec("supplier", _("Supplier"), supplier_choices, "order__supplier"),
        ),
        scan=("number",),
        empty=_("Nothing was received yet. Open a purchase order to receive its goods."),
    )
)
