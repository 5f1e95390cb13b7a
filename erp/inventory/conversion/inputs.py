"""Inputs of conversions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.inventory.inputs import physical_places, places_of_lot
from erp.inventory.models import StockStatus
from erp.masterdata.models import Item
from erp.operations import OperationInput, RecordField
from erp.operations.inputs import QuantityField
from traceability.models import Lot

NUMBER_HELP = _("Left empty, it is given by the system.")


def lot_number(**more: Any) -> serializers.CharField:
    """Return the field for the number of a new lot."""
    return serializers.CharField(
        label=_("new lot number"),
        max_length=60,
        required=False,
        allow_blank=True,
        help_text=NUMBER_HELP,
        **more,
    )


def status_field() -> serializers.ChoiceField:
    """Return the field for the status the goods lie in."""
    return serializers.ChoiceField(
        label=_("status"), choices=StockStatus.choices, default=StockStatus.AVAILABLE
    )


def like_this(actor: Actor, lot: Any) -> QuerySet[Lot]:
    """Return other lots of the same item."""
    rows = Lot.objects.visible_to(actor).filter(kind=Lot.Kind.LOT, balances__quantity__gt=0)
    rows = rows.filter(item=lot.item_id).exclude(pk=lot.pk) if lot else rows
    return rows.distinct().order_by("number")


def items(actor: Actor, subject: Any) -> QuerySet[Item]:
    """Return the items a lot can be packed or graded into."""
    rows = Item.objects.exclude(tracking="none").order_by("code")
    return rows.exclude(pk=subject.item_id) if isinstance(subject, Lot) else rows


class Part(OperationInput):
    """One part of a lot."""

    quantity = QuantityField()
    number = lot_number()


class FromPlace(OperationInput):
    """Where goods of the lot are taken, and in which status they lie there."""

    from_location_id = RecordField(
        "masterdata.Location", key="code", label=_("from"), options=places_of_lot
    )
    status = status_field()


class SplitLot(FromPlace):
    """The parts that are taken out."""

    parts = Part(many=True, allow_empty=False, label=_("parts"))


class MergeLots(FromPlace):
    """Which other lots become one with this."""

    lots = serializers.ListField(
        label=_("other lots"),
        help_text=_("One number per line"),
        child=RecordField("traceability.Lot", widget="scan", options=like_this),
        min_length=1,
        max_length=200,
    )
    number = lot_number()


class ConvertLot(FromPlace):
    """Into which item, how much comes out."""

    quantity = QuantityField()
    to_item_id = RecordField("masterdata.Item", key="code", label=_("into item"), options=items)
    to_quantity = QuantityField(label=_("quantity of it"))
    number = lot_number()


class RegradeLot(FromPlace):
    """Into which item the goods are graded."""

    quantity = QuantityField()
    to_item_id = RecordField("masterdata.Item", key="code", label=_("into item"), options=items)
    number = lot_number()


class ReworkLot(FromPlace):
    """How much is reworked by which instruction, and whether it gets a number of its own."""

    quantity = QuantityField()
    instruction = serializers.CharField(label=_("rework instruction"), max_length=120)
    to_location_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("to"),
        options=physical_places,
        required=False,
        allow_null=True,
        help_text=_("Left empty, it stays where it is."),
    )
    number = serializers.CharField(
        label=_("new lot number"),
        max_length=60,
        required=False,
        allow_blank=True,
        help_text=_("Left empty, it stays the same lot."),
    )


class KitComponent(OperationInput):
    """A quantity of a lot from a place."""

    lot_id = RecordField("traceability.Lot", widget="scan", label=_("lot or unit"))
    from_location_id = RecordField(
        "masterdata.Location", key="code", label=_("from"), options=physical_places
    )
    quantity = QuantityField()


class AssembleKit(OperationInput):
    """Which kit is put together, of what, where."""

    item_id = RecordField("masterdata.Item", key="code", label=_("kit"), options=items)
    quantity = QuantityField()
    location_id = RecordField(
        "masterdata.Location", key="code", label=_("location"), options=physical_places
    )
    components = KitComponent(many=True, allow_empty=False, label=_("components"))
    serials = serializers.ListField(
        label=_("serial numbers"),
        help_text=_("One number per line; only where the kit is followed by serial number"),
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=10_000,
    )
    number = lot_number()
