"""What the operations of sales ask."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.masterdata.models import Item, Location, Partner
from erp.operations.inputs import OperationInput, QuantityField, RecordField
from erp.sales.models import Allocation, SalesOrder, Shipment
from erp.sales.queries import SHIPPABLE_PLACES
from traceability.models import LogisticUnit, Lot
from traceability.packing.states import CarrierState

TWO_LETTERS = RegexValidator(
    r"^[A-Z]{2}$", _("A country is two capital letters, such as DE or CN.")
)


def _customers(actor: Actor, subject: Any) -> QuerySet[Partner]:
    return Partner.objects.filter(is_customer=True).order_by("code")


def _products(actor: Actor, subject: Any) -> QuerySet[Item]:
    return Item.objects.filter(kind=Item.Kind.PRODUCT).order_by("code")


def _promisable(actor: Actor, subject: SalesOrder) -> QuerySet[Lot]:
    """Offer what lies available for the order's items, first expiring first."""
    return (
        Lot.objects.visible_to(actor)
        .filter(
            item__in=subject.lines.values("item_id"),
            balances__quantity__gt=0,
            balances__status="available",
            balances__location__site_id=subject.site_id,
            balances__location__kind__in=SHIPPABLE_PLACES,
        )
        .order_by("expires_on", "pk")
        .distinct()
    )


def _places(actor: Actor, subject: SalesOrder) -> QuerySet[Location]:
    return Location.objects.filter(site_id=subject.site_id, kind__in=SHIPPABLE_PLACES)


def _active(actor: Actor, subject: SalesOrder) -> QuerySet[Allocation]:
    return Allocation.objects.active().filter(line__order=subject).order_by("pk")


def _shipped_lots(actor: Actor, subject: Shipment) -> QuerySet[Lot]:
    return Lot.objects.filter(shipment_lines__shipment=subject).order_by("number")


def _quarantine(actor: Actor, subject: Shipment) -> QuerySet[Location]:
    return Location.objects.filter(site_id=subject.site_id, kind=Location.Kind.QUARANTINE)


class OrderedItem(OperationInput):
    """One line of an order."""

    item_id = RecordField("masterdata.Item", key="code", label=_("item"), options=_products)
    quantity = QuantityField()


class TakeOrder(OperationInput):
    """A customer's order."""

    customer_id = RecordField(
        "masterdata.Partner", key="code", label=_("customer"), options=_customers
    )
    site_id = RecordField("accounts.Site", key="code", label=_("delivered from"))
    lines = OrderedItem(many=True, allow_empty=False, label=_("lines"))
    reference = serializers.CharField(
        label=_("customer's reference"), max_length=60, required=False, allow_blank=True
    )
    due_on = serializers.DateField(label=_("wanted by"), required=False, allow_null=True)
    ship_to_name = serializers.CharField(
        label=_("consignee"),
        max_length=200,
        required=False,
        allow_blank=True,
        help_text=_("Left empty, the goods go to the customer's own name and address."),
    )
    ship_to_address = serializers.CharField(
        label=_("delivery address"), max_length=1000, required=False, allow_blank=True
    )
    country = serializers.CharField(
        label=_("country of delivery"),
        max_length=2,
        required=False,
        allow_blank=True,
        validators=[TWO_LETTERS],
    )


class AllocatedLot(OperationInput):
    """A quantity of a lot, from one place or wherever it lies."""

    lot_id = RecordField(
        "traceability.Lot", widget="scan", label=_("lot or unit"), options=_promisable
    )
    quantity = QuantityField()
    location_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("location"),
        required=False,
        allow_null=True,
        options=_places,
    )


class Allocate(OperationInput):
    """Which lots are promised; left empty, the first expiring ones are taken."""

    lines = AllocatedLot(
        many=True,
        required=False,
        label=_("lots and units"),
        help_text=_("Left empty, the lots that expire first are taken."),
    )


class ChosenAllocations(OperationInput):
    """Which reservations; left empty, all that are in force."""

    allocation_ids = serializers.ListField(
        child=RecordField("sales.Allocation", label=_("reservation"), options=_active),
        required=False,
        label=_("reservations"),
        help_text=_("Left empty, all reservations in force."),
    )


def _units_in_house(actor: Actor, subject: SalesOrder) -> QuerySet[LogisticUnit]:
    return LogisticUnit.objects.filter(site_id=subject.site_id, state=CarrierState.OPEN).order_by(
        "sscc"
    )


class ShipOrder(ChosenAllocations):
    """What leaves, in which boxes and pallets, and with whom."""

    logistic_unit_ids = serializers.ListField(
        child=RecordField(
            "traceability.LogisticUnit",
            key="sscc",
            widget="scan",
            label=_("logistic unit"),
            options=_units_in_house,
        ),
        required=False,
        label=_("boxes and pallets"),
        help_text=_("One SSCC per line; each leaves as a whole."),
    )

    carrier = serializers.CharField(
        label=_("carrier"), max_length=120, required=False, allow_blank=True
    )
    tracking = serializers.CharField(
        label=_("tracking number"), max_length=80, required=False, allow_blank=True
    )


class ConfirmDelivery(OperationInput):
    """Who received it."""

    received_by = serializers.CharField(label=_("received by"), max_length=120)


class ReturnedLot(OperationInput):
    """A quantity of a lot that came back."""

    lot_id = RecordField(
        "traceability.Lot", widget="scan", label=_("lot or unit"), options=_shipped_lots
    )
    quantity = QuantityField()


class ReturnGoods(OperationInput):
    """What came back; the reason is asked with it."""

    lines = ReturnedLot(many=True, allow_empty=False, label=_("lots and units"))
    location_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("quarantine store"),
        required=False,
        allow_null=True,
        options=_quarantine,
        help_text=_("Left empty, the site's first quarantine store is taken."),
    )


class AgreeTerms(OperationInput):
    """What the customer asks of every delivery."""

    minimum_life_days = serializers.IntegerField(
        label=_("minimum remaining life in days"), min_value=0, max_value=36500
    )
