"""Inputs of packing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.inventory.inputs import physical_places
from erp.operations import OperationInput, RecordField
from erp.operations.inputs import QuantityField
from traceability.models import LogisticUnit, Lot
from traceability.packing.queries import contents
from traceability.packing.states import CarrierState


def lying_there(actor: Actor, unit: Any) -> QuerySet[Lot]:
    """Return what lies where the logistic unit stands."""
    lots = Lot.objects.visible_to(actor)
    if isinstance(unit, LogisticUnit):
        lots = lots.filter(balances__location=unit.location_id, balances__quantity__gt=0)
    return lots.distinct().order_by("number")


def in_it(actor: Actor, unit: Any) -> QuerySet[Lot]:
    """Return what lies directly in the logistic unit."""
    lots = contents([unit.pk])[unit.pk].lots if isinstance(unit, LogisticUnit) else {}
    return Lot.objects.filter(pk__in=lots).order_by("number")


def other_units(actor: Actor, unit: Any) -> QuerySet[LogisticUnit]:
    """Return the other units that stand at the same place."""
    units = LogisticUnit.objects.visible_to(actor).filter(state=CarrierState.OPEN)
    if isinstance(unit, LogisticUnit):
        units = units.filter(location=unit.location_id).exclude(pk=unit.pk)
    return units.order_by("sscc")


def units_in_it(actor: Actor, unit: Any) -> QuerySet[LogisticUnit]:
    """Return the units that lie directly in this one."""
    units = contents([unit.pk])[unit.pk].units if isinstance(unit, LogisticUnit) else ()
    return LogisticUnit.objects.filter(pk__in=units).order_by("sscc")


class OpenUnit(OperationInput):
    """What it is, where it stands, and its SSCC where it has one already."""

    kind = serializers.ChoiceField(label=_("kind"), choices=LogisticUnit.Kind.choices)
    location_id = RecordField(
        "masterdata.Location", key="code", label=_("location"), options=physical_places
    )
    sscc = serializers.CharField(
        label=_("SSCC"),
        max_length=18,
        required=False,
        allow_blank=True,
        help_text=_("Left empty, the next one of our own series is given."),
    )


class PackedLine(OperationInput):
    """A quantity of a lot that goes in."""

    lot_id = RecordField(
        "traceability.Lot", widget="scan", label=_("lot or unit"), options=lying_there
    )
    quantity = QuantityField()


class UnpackedLine(OperationInput):
    """A quantity of a lot that comes out."""

    lot_id = RecordField("traceability.Lot", widget="scan", label=_("lot or unit"), options=in_it)
    quantity = QuantityField()


class Pack(OperationInput):
    """What goes in."""

    lines = PackedLine(many=True, required=False, label=_("lots and units"))
    unit_ids = serializers.ListField(
        label=_("boxes"),
        help_text=_("One SSCC per line"),
        child=RecordField(
            "traceability.LogisticUnit", key="sscc", widget="scan", options=other_units
        ),
        required=False,
        max_length=1000,
    )


class Unpack(OperationInput):
    """What comes out; left empty, everything."""

    lines = UnpackedLine(
        many=True,
        required=False,
        label=_("lots and units"),
        help_text=_("Left empty together with the boxes, everything comes out."),
    )
    unit_ids = serializers.ListField(
        label=_("boxes"),
        help_text=_("One SSCC per line"),
        child=RecordField(
            "traceability.LogisticUnit", key="sscc", widget="scan", options=units_in_it
        ),
        required=False,
        max_length=1000,
    )


class MoveUnit(OperationInput):
    """Where it goes."""

    to_location_id = RecordField(
        "masterdata.Location", key="code", label=_("to"), options=physical_places
    )
