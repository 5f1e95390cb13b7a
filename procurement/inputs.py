"""Inputs of the operations of this app."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.core.quantities import DIGITS, PLACES, plain
from erp.masterdata.models import Item, Location, Partner
from erp.operations import OperationInput, RecordField
from erp.operations.inputs import QuantityField
from procurement.models import PurchaseOrder, PurchaseOrderLine, SupplierApproval
from procurement.states import ApprovalState

MAX_LINES = 1000
MAX_SERIALS = 50_000


def suppliers(_actor: Actor, _subject: Any) -> QuerySet[Partner]:
    """Offer whoever supplies or works for us."""
    rows = Partner.objects.filter(Q(is_supplier=True) | Q(is_subcontractor=True))
    return rows.order_by("code")


def approved_suppliers(actor: Actor, subject: Any) -> QuerySet[Partner]:
    """Offer suppliers that are approved for something."""
    approved = SupplierApproval.objects.filter(state=ApprovalState.APPROVED)
    return suppliers(actor, subject).filter(pk__in=approved.values("supplier"))


def quarantine_places(actor: Actor, order: PurchaseOrder | None) -> QuerySet[Location]:
    """Offer the quarantine stores of the order's site."""
    rows = Location.objects.visible_to(actor).filter(kind=Location.Kind.QUARANTINE)
    return (rows.filter(site_id=order.site_id) if order else rows).order_by("code")


def open_lines(_actor: Actor, order: PurchaseOrder | None) -> list[dict[str, Any]]:
    """Fill the table of a delivery with what is still to come."""
    if order is None:
        return []
    lines = PurchaseOrderLine.objects.open().filter(order=order).order_by("position")
    return [
        {"line": line.position, "quantity": plain(line.quantity - line.received)} for line in lines
    ]


class DraftSupplierApproval(OperationInput):
    """For what a supplier is to be approved, and on what evidence."""

    supplier_id = RecordField(
        "masterdata.Partner", key="code", label=_("supplier"), options=suppliers
    )
    item_ids = serializers.ListField(
        child=RecordField("masterdata.Item", key="code"),
        allow_empty=False,
        max_length=MAX_LINES,
        label=_("items"),
        help_text=_("Item numbers, one per line"),
    )
    risk_class = serializers.ChoiceField(
        choices=SupplierApproval.Risk.choices, label=_("risk class")
    )
    method = serializers.ChoiceField(choices=SupplierApproval.Method.choices, label=_("judged by"))
    basis = serializers.CharField(
        label=_("evidence"),
        required=False,
        allow_blank=True,
        style={"base_template": "textarea.html"},
    )
    conditions = serializers.CharField(
        label=_("conditions"),
        required=False,
        allow_blank=True,
        style={"base_template": "textarea.html"},
    )
    valid_until = serializers.DateField(label=_("valid until"))


class OrderLineInput(OperationInput):
    """One line of an order."""

    item_id = RecordField("masterdata.Item", key="code", label=_("item"))
    quantity = QuantityField()
    due_on = serializers.DateField(label=_("due"))
    unit_price = serializers.DecimalField(
        DIGITS, PLACES, min_value=0, label=_("unit price"), required=False, allow_null=True
    )


class PlaceOrder(OperationInput):
    """An order to a supplier."""

    supplier_id = RecordField(
        "masterdata.Partner", key="code", label=_("supplier"), options=approved_suppliers
    )
    site_id = RecordField("accounts.Site", key="code", label=_("site"))
    lines = OrderLineInput(
        many=True,
        allow_empty=False,
        max_length=MAX_LINES,  # type: ignore[call-arg]  # of the list; unknown to the stubs
        label=_("lines"),
    )
    currency = serializers.RegexField(
        r"^[A-Z]{3}$", label=_("currency"), required=False, allow_blank=True
    )
    requirements = serializers.CharField(
        label=_("quality requirements"),
        required=False,
        allow_blank=True,
        style={"base_template": "textarea.html"},
    )


def ordered_items(_actor: Actor, order: PurchaseOrder | None) -> QuerySet[Item]:
    """Offer the items of the order."""
    items = Item.objects.order_by("code")
    return items.filter(pk__in=order.lines.values("item")) if order else items


class DeliveredLineInput(OperationInput):
    """One delivered lot of one order line."""

    line = serializers.IntegerField(min_value=1, label=_("line"), required=False, allow_null=True)
    item_id = RecordField(
        "masterdata.Item",
        key="code",
        label=_("item"),
        options=ordered_items,
        required=False,
        allow_null=True,
    )
    quantity = QuantityField()
    supplier_lot = serializers.CharField(
        max_length=60, label=_("supplier's lot"), required=False, allow_blank=True
    )
    number = serializers.CharField(
        max_length=60,
        label=_("our lot number"),
        required=False,
        allow_blank=True,
        help_text=_("Empty: the next free number is taken."),
    )
    manufactured_on = serializers.DateField(
        label=_("manufactured"), required=False, allow_null=True
    )
    expires_on = serializers.DateField(
        label=_("expires"),
        required=False,
        allow_null=True,
        help_text=_("Empty: by the shelf life of the item."),
    )
    certificate_number = serializers.CharField(
        max_length=80, label=_("certificate"), required=False, allow_blank=True
    )
    serials = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=MAX_SERIALS,
        label=_("serial numbers"),
    )


class ReceiveGoods(OperationInput):
    """A delivery."""

    location_id = RecordField(
        "masterdata.Location", key="code", label=_("put into"), options=quarantine_places
    )
    delivery_note = serializers.CharField(
        max_length=80, label=_("delivery note"), required=False, allow_blank=True
    )
    lines = DeliveredLineInput(
        many=True,
        allow_empty=False,
        max_length=MAX_LINES,  # type: ignore[call-arg]  # of the list; unknown to the stubs
        label=_("what arrived"),
        style={"rows": open_lines},
    )
