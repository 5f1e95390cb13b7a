"""What this app adds to lots, partners and items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.ui.page import Column, Fact, Link, Moment, Row, Section, Table
from erp.ui.records import View, add_section, url_of
from procurement.models import PurchaseOrder, SupplierApproval
from procurement.queries import receipt_line_of
from procurement.records.approvals import state_pill as approval_pill
from procurement.records.orders import state_pill as order_pill


def receipt_of_lot(view: View) -> Section | None:
    """Say on a lot by which receipt it came, from whom, with which certificate."""
    line = receipt_line_of(view.record)
    if line is None:
        return None
    receipt, order = line.receipt, line.receipt.order
    certificate, supplier_lot = line.certificate_number, line.lot.supplier_lot
    facts = [
        Fact(_("Receipt"), Link(receipt.number, url_of(receipt), mono=True)),
        Fact(_("Supplier"), Link(str(order.supplier), url_of(order.supplier))),
        Fact(_("Purchase order"), Link(order.number, url_of(order), mono=True)),
        Fact(_("Order line"), str(line.order_line.position)),
        Fact(_("Ordered revision"), line.order_line.revision.revision),
        Fact(_("Supplier's lot"), Link(supplier_lot, mono=True) if supplier_lot else None),
        Fact(_("Certificate"), Link(certificate, mono=True) if certificate else None),
        Fact(_("Received"), Moment(receipt.received_at)),
        Fact(_("Received by"), str(receipt.received_by)),
    ]
    return Section("receipt", _("Receipt"), facts=facts)


def approvals_of_partner(view: View) -> Section | None:
    """List on a supplier what it is approved for."""
    partner = view.record
    if not (partner.is_supplier or partner.is_subcontractor):
        return None
    approvals = SupplierApproval.objects.visible_to(view.actor).filter(supplier=partner)
    shown, count = view.counted(approvals.prefetch_related("scope__item").order_by("-pk"))
    columns = (
        Column("state", _("State"), "state"),
        Column("number", _("Approval"), "mono"),
        Column("items", _("Items")),
        Column("risk", _("Risk class")),
        Column("until", _("Valid until"), "moment"),
    )
    rows = [
        Row(
            (
                approval_pill(a),
                Link(a.number, url_of(a), mono=True),
                sorted(line.item.code for line in a.scope.all()),
                a.get_risk_class_display(),
                a.valid_until,
            ),
            url_of(a),
        )
        for a in shown
    ]
    draft = f"/do/procurement.draft_supplier_approval/?supplier_id={partner.pk}"
    table = Table(
        columns,
        rows,
        _("Not approved for anything: nothing may be ordered here yet."),
        more=Link(_("Draft supplier approval"), draft),
    )
    return Section("approvals", _("Supplier approvals"), table, count=count)


def orders_of_partner(view: View) -> Section | None:
    """List on a supplier what was ordered from it."""
    orders = PurchaseOrder.objects.visible_to(view.actor).filter(supplier=view.record)
    shown, count = view.counted(orders.with_due().select_related("site").order_by("-pk"))
    if not shown and not view.record.is_supplier:
        return None
    columns = (
        Column("state", _("State"), "state"),
        Column("number", _("Purchase order"), "mono"),
        Column("ordered", pgettext_lazy("moment", "Ordered"), "moment"),
        Column("due", _("Due"), "moment"),
        Column("site", _("Site")),
    )
    rows = [
        Row(
            (
                order_pill(order),
                Link(order.number, url_of(order), mono=True),
                Moment(order.ordered_at) if order.ordered_at else None,
                order.due_on,
                order.site.code,
            ),
            url_of(order),
        )
        for order in shown
    ]
    everything = Link(_("All orders"), f"/purchase-orders/?supplier={view.record.pk}")
    table = Table(columns, rows, _("Nothing was ordered yet."), more=everything if rows else None)
    return Section("orders", _("Purchase orders"), table, count=count)


def suppliers_of_item(view: View) -> Section | None:
    """List on an item who may deliver it."""
    approvals = SupplierApproval.objects.visible_to(view.actor).filter(scope__item=view.record)
    shown, count = view.counted(
        approvals.select_related("supplier").order_by("supplier__name", "-pk")
    )
    if not shown:
        return None
    columns = (
        Column("state", _("State"), "state"),
        Column("supplier", _("Supplier")),
        Column("approval", _("Approval"), "mono"),
        Column("until", _("Valid until"), "moment"),
    )
    rows = [
        Row(
            (
                approval_pill(a),
                Link(a.supplier.name, url_of(a.supplier)),
                Link(a.number, url_of(a), mono=True),
                a.valid_until,
            ),
            url_of(a),
        )
        for a in shown
    ]
    return Section("suppliers", _("Suppliers"), Table(columns, rows), count=count)


add_section("traceability.Lot", 60, receipt_of_lot)
add_section("masterdata.Partner", 60, approvals_of_partner)
add_section("masterdata.Partner", 61, orders_of_partner)
add_section("masterdata.Item", 60, suppliers_of_item)
