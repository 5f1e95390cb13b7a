"""Pages, lists and API of supplier approvals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core import clock
from erp.core.actor import Actor
from erp.core.errors import Text
from erp.ui.page import Column, Fact, Link, Moment, Pill, Row, Section, Table
from erp.ui.records import (
    ColumnSpec,
    FilterSpec,
    RecordKind,
    View,
    add_badges,
    register,
    url_of,
)
from procurement.inputs import suppliers
from procurement.models import PurchaseOrder, PurchaseOrderLine, SupplierApproval
from procurement.states import APPROVAL, ApprovalState

EXPIRING = dt.timedelta(days=30)


def approvals(actor: Actor) -> QuerySet[SupplierApproval]:
    """Return the visible approvals with supplier, people and scope."""
    rows = SupplierApproval.objects.visible_to(actor)
    people = rows.select_related("supplier", "drafted_by", "approved_by")
    return people.prefetch_related("scope__item")


def state_pill(approval: SupplierApproval) -> Pill:
    """Return the state of an approval."""
    state = ApprovalState(approval.state)
    return Pill(APPROVAL.labels[state], APPROVAL.tones[state])


def supplier_choices(actor: Actor) -> list[tuple[str, Text]]:
    """Return the suppliers a list may be filtered by."""
    return [(str(partner.pk), partner.name) for partner in suppliers(actor, None)]


def by_validity(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Keep the approvals in force that are expired or end within 30 days."""
    today = clock.today()
    in_force = rows.filter(state=ApprovalState.APPROVED)
    if value == "expired":
        return in_force.filter(valid_until__lt=today)
    return in_force.filter(valid_until__gte=today, valid_until__lte=today + EXPIRING)


def _items(approval: SupplierApproval) -> list[Any]:
    return sorted((line.item for line in approval.scope.all()), key=lambda item: item.code)


def _api(approval: SupplierApproval) -> Mapping[str, Any]:
    approved_at = approval.approved_at
    return {
        "number": approval.number,
        "state": approval.state,
        "supplier": {"id": approval.supplier_id, "code": approval.supplier.code},
        "items": [{"id": item.pk, "code": item.code} for item in _items(approval)],
        "risk_class": approval.risk_class,
        "method": approval.method,
        "basis": approval.basis,
        "conditions": approval.conditions,
        "valid_until": approval.valid_until.isoformat(),
        "drafted_by": approval.drafted_by.username,
        "drafted_at": approval.drafted_at.isoformat(),
        "approved_by": approval.approved_by.username if approval.approved_by else None,
        "approved_at": approved_at.isoformat() if approved_at else None,
    }


def _facts(view: View) -> Sequence[Fact]:
    a: SupplierApproval = view.record
    return [
        Fact(_("Supplier"), Link(str(a.supplier), url_of(a.supplier))),
        Fact(_("Valid until"), a.valid_until),
        Fact(_("Risk class"), a.get_risk_class_display()),
        Fact(_("Judged by"), a.get_method_display()),
        Fact(_("Evidence"), a.basis or None),
        Fact(_("Conditions"), a.conditions or _("none")),
        Fact(_("Drafted by"), str(a.drafted_by)),
        Fact(_("Drafted"), Moment(a.drafted_at)),
        Fact(_("Approved by"), str(a.approved_by) if a.approved_by else None),
        Fact(_("Approved"), Moment(a.approved_at) if a.approved_at else None),
    ]


def _scope(view: View) -> Section:
    items = _items(view.record)
    columns = (Column("code", _("Item"), "mono"), Column("name", _("Name")))
    rows = [Row((Link(i.code, url_of(i), mono=True), i.name), url_of(i)) for i in items]
    return Section("scope", _("Approved items"), Table(columns, rows), count=len(rows))


def _orders(view: View) -> Section:
    mine = PurchaseOrder.objects.visible_to(view.actor)
    lines = PurchaseOrderLine.objects.filter(approval=view.record, order__in=mine)
    shown, count = view.counted(
        lines.select_related("order", "item", "revision").order_by("-order_id")
    )
    columns = (
        Column("order", _("Purchase order"), "mono"),
        Column("item", _("Item"), "mono"),
        Column("revision", _("Revision"), "mono"),
        Column("due", _("Due"), "moment"),
    )
    rows = [
        Row(
            (
                Link(line.order.number, url_of(line.order), mono=True),
                Link(line.item.code, url_of(line.item), mono=True),
                line.revision.revision,
                line.due_on,
            ),
            url_of(line.order),
        )
        for line in shown
    ]
    table = Table(columns, rows, _("Nothing was ordered under this approval yet."))
    return Section("orders", _("Ordered under it"), table, count=count)


def _expiry(view: View) -> Sequence[Pill]:
    approval: SupplierApproval = view.record
    if approval.state != ApprovalState.APPROVED:
        return ()
    left = approval.valid_until - clock.today()
    if left < dt.timedelta():
        return [Pill(_("expired"), "bad")]
    return [Pill(_("expires soon"), "waiting")] if left <= EXPIRING else ()


add_badges("procurement.SupplierApproval", _expiry)

register(
    RecordKind(
        model="procurement.SupplierApproval",
        noun="supplier-approvals",
        nav="supply",
        icon="rosette-discount-check",
        label=_("supplier approval"),
        plural=_("Supplier approvals"),
        rows=approvals,
        columns=(
            ColumnSpec("state", _("State"), state_pill, "state", "state"),
            ColumnSpec("number", _("Number"), lambda a: a.number, "mono", "number"),
            ColumnSpec("supplier", _("Supplier"), lambda a: a.supplier.name, sort="supplier__name"),
            ColumnSpec("items", _("Items"), lambda a: [i.code for i in _items(a)]),
            ColumnSpec("risk", _("Risk class"), lambda a: a.get_risk_class_display()),
            ColumnSpec(
                "valid_until", _("Valid until"), lambda a: a.valid_until, "moment", "valid_until"
            ),
            ColumnSpec(
                "approved_by",
                _("Approved by"),
                lambda a: str(a.approved_by) if a.approved_by else None,
            ),
        ),
        api=_api,
        number=lambda a: a.number,
        title=lambda a: a.supplier.name,
        state=state_pill,
        facts=_facts,
        sections=(_scope, _orders),
        search=("number", "supplier__code", "supplier__name"),
        filters=(
            FilterSpec("state", _("State"), lambda actor: APPROVAL.choices(), "state"),
            FilterSpec("supplier", _("Supplier"), supplier_choices, "supplier"),
            FilterSpec(
                "risk", _("Risk class"), lambda a: SupplierApproval.Risk.choices, "risk_class"
            ),
            FilterSpec(
                "validity",
                _("Validity"),
                lambda actor: [("expired", _("expired")), ("soon", _("ends in 30 days"))],
                apply=by_validity,
            ),
        ),
        scan=("number",),
        empty=_("No supplier is approved yet. Draft an approval before anything is ordered."),
    )
)
