"""Inputs of stock operations."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.inventory.models import Hold, StockStatus
from erp.masterdata.models import Location
from erp.operations import OperationInput, RecordField
from erp.operations.inputs import QuantityField


def physical_places(actor: Actor, subject: Any) -> QuerySet[Location]:
    """Return the places where goods can lie, at sites the actor sees."""
    return Location.objects.visible_to(actor).filter(virtual=False).order_by("code")


def places_of_lot(actor: Actor, lot: Any) -> QuerySet[Location]:
    """Return the places where this lot lies."""
    places = physical_places(actor, lot)
    return places.filter(balances__lot=lot, balances__quantity__gt=0).distinct() if lot else places


class PlaceHold(OperationInput):
    """Which lots and why; the words of the reason are kept with the hold."""

    lots = serializers.ListField(
        label=_("lots and units"),
        help_text=_("One number per line"),
        child=RecordField("traceability.Lot", widget="scan"),
        min_length=1,
        max_length=10_000,
    )
    cause = serializers.ChoiceField(label=_("cause"), choices=Hold.Cause.choices)


class HoldThis(OperationInput):
    """The cause of a hold on one lot."""

    cause = serializers.ChoiceField(label=_("cause"), choices=Hold.Cause.choices)


class TransferStock(OperationInput):
    """From where to where, how much."""

    from_location_id = RecordField(
        "masterdata.Location", key="code", label=_("from"), options=places_of_lot
    )
    status = serializers.ChoiceField(
        label=_("status"), choices=StockStatus.choices, default=StockStatus.AVAILABLE
    )
    to_location_id = RecordField(
        "masterdata.Location", key="code", label=_("to"), options=physical_places
    )
    quantity = QuantityField()
