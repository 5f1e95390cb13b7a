"""Inputs of removals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.quantities import DIGITS, PLACES
from erp.inventory.inputs import physical_places, places_of_lot
from erp.inventory.models import StockStatus
from erp.operations import OperationInput, RecordField
from erp.operations.inputs import QuantityField


class Taken(OperationInput):
    """How much is taken from where."""

    from_location_id = RecordField(
        "masterdata.Location", key="code", label=_("from"), options=places_of_lot
    )
    status = serializers.ChoiceField(label=_("status"), choices=StockStatus.choices)
    quantity = QuantityField()


class ScrapStock(Taken):
    """What is scrapped from where, and who saw it."""

    witness = serializers.CharField(label=_("witness"), max_length=120)
    certificate_number = serializers.CharField(
        label=_("certificate of destruction"),
        max_length=80,
        required=False,
        allow_blank=True,
        help_text=_("The paper itself is attached to the record that this makes."),
    )
    cost = serializers.DecimalField(
        label=_("cost"),
        max_digits=DIGITS,
        decimal_places=PLACES,
        min_value=0,
        required=False,
        allow_null=True,
    )


class TakeSample(Taken):
    """What is used up by a test."""

    purpose = serializers.CharField(label=_("test"), max_length=200)


class ReturnToSupplier(Taken):
    """With which paper it goes back."""

    delivery_note = serializers.CharField(
        label=_("delivery note"), max_length=80, required=False, allow_blank=True
    )


class AdjustStock(OperationInput):
    """What was counted."""

    from_location_id = RecordField(
        "masterdata.Location", key="code", label=_("counted at"), options=physical_places
    )
    status = serializers.ChoiceField(
        label=_("status"), choices=StockStatus.choices, default=StockStatus.AVAILABLE
    )
    counted = serializers.DecimalField(
        label=_("counted quantity"), max_digits=DIGITS, decimal_places=PLACES, min_value=0
    )
