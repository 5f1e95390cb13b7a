"""What the operations of production ask."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.masterdata.models import Item, Location
from erp.operations.inputs import OperationInput, QuantityField, RecordField
from erp.production.models import MaterialEntry, ProcessKind, WorkOrder
from erp.production.rules import PI_NUMBER_LENGTH
from traceability.models import Lot

LONGEST_TEXT = 2000


def _places(*kinds: str) -> Any:
    def options(actor: Actor, subject: Any) -> QuerySet[Location]:
        rows = Location.objects.visible_to(actor).filter(kind__in=kinds, virtual=False)
        site_id = getattr(subject, "site_id", None)
        return rows.filter(site_id=site_id) if site_id else rows

    return options


def _makeable(actor: Actor, subject: Any) -> QuerySet[Item]:
    kinds = [Item.Kind.SEMI_FINISHED, Item.Kind.PRODUCT, Item.Kind.COMPONENT]
    return Item.objects.filter(kind__in=kinds, revisions__state="effective").distinct()


def _issuable(actor: Actor, subject: WorkOrder) -> QuerySet[Lot]:
    """Offer lots of the order's components that lie in the site's storage, first expiring first."""
    return (
        Lot.objects.visible_to(actor)
        .filter(
            item__in=subject.materials.values("component_id"),
            balances__quantity__gt=0,
            balances__status="available",
            balances__location__site_id=subject.site_id,
            balances__location__kind=Location.Kind.STORAGE,
        )
        .order_by("item_id", "expires_on", "pk")
        .distinct()
    )


def _at_line(actor: Actor, subject: WorkOrder) -> QuerySet[Lot]:
    issued = MaterialEntry.objects.standing().filter(work_order=subject)
    return Lot.objects.visible_to(actor).filter(pk__in=issued.values("lot_id"))


class PlanWorkOrder(OperationInput):
    """Plan a work order."""

    item_id = RecordField("masterdata.Item", key="code", label=_("item"), options=_makeable)
    quantity = QuantityField(label=_("planned quantity"))
    site_id = RecordField("accounts.Site", key="code", label=_("site"))
    batch_number = serializers.CharField(
        label=_("lot number"),
        max_length=PI_NUMBER_LENGTH,
        required=False,
        allow_blank=True,
        help_text=_("Left empty, the lot is numbered after the order."),
    )
    due_on = serializers.DateField(label=_("due"), required=False, allow_null=True)


class StartWorkOrder(OperationInput):
    """Start a work order at a line."""

    line_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("production line"),
        required=False,
        allow_null=True,
        options=_places(Location.Kind.LINE),
        help_text=_("Left empty, the site's first line is taken."),
    )


class IssueMaterial(OperationInput):
    """Bring a lot to the line."""

    lot_id = RecordField(
        "traceability.Lot", widget="scan", label=_("lot or unit"), options=_issuable
    )
    quantity = QuantityField()
    from_location_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("from location"),
        options=_places(Location.Kind.STORAGE),
    )


class ReturnMaterial(OperationInput):
    """Bring unused material back to storage."""

    lot_id = RecordField(
        "traceability.Lot", widget="scan", label=_("lot or unit"), options=_at_line
    )
    quantity = QuantityField()
    to_location_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("to location"),
        options=_places(Location.Kind.STORAGE),
    )


class UsedMaterial(OperationInput):
    """A lot that went in, with the quantity that really flowed."""

    lot_id = RecordField(
        "traceability.Lot", widget="scan", label=_("lot or unit"), options=_at_line
    )
    quantity = QuantityField()


class MadeUnit(OperationInput):
    """One unit, with the components known to be in this very unit."""

    serial = serializers.CharField(label=_("serial number"), max_length=PI_NUMBER_LENGTH)
    components = UsedMaterial(many=True, required=False, label=_("components of this unit"))


class ReportProduction(OperationInput):
    """What came off the line and what went into it."""

    quantity = QuantityField(
        label=_("quantity made"),
        required=False,
        allow_null=True,
        help_text=_("For items followed by lot; items with serial numbers are entered as units."),
    )
    units = MadeUnit(many=True, required=False, label=_("units"))
    consumed = UsedMaterial(many=True, required=False, label=_("material used"))
    scrapped = QuantityField(label=_("scrapped"), required=False, allow_null=True)
    scrap_reason = serializers.CharField(
        label=_("why scrapped"), max_length=LONGEST_TEXT, required=False, allow_blank=True
    )
    instrument_ids = serializers.ListField(
        child=RecordField("equipment.Instrument", key="code", label=_("instrument")),
        required=False,
        label=_("instruments used"),
    )
    parameters = serializers.CharField(
        label=_("process parameters"),
        max_length=LONGEST_TEXT,
        required=False,
        allow_blank=True,
        style={"base_template": "textarea.html"},
    )


class CancelWorkOrder(OperationInput):
    """Nothing but the reason."""


class SendToSubcontractor(OperationInput):
    """Where the batch goes and for which process."""

    kind = serializers.ChoiceField(label=_("process"), choices=ProcessKind.choices)
    place_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("place at the subcontractor"),
        options=_places(Location.Kind.SUBCONTRACTOR),
    )


class CycleParameter(OperationInput):
    """One recorded parameter of a cycle with its limits."""

    name = serializers.CharField(label=_("parameter"), max_length=100)
    value = serializers.DecimalField(label=_("value"), max_digits=18, decimal_places=6)
    unit = serializers.CharField(label=_("unit"), max_length=20, required=False, allow_blank=True)
    lower = serializers.DecimalField(
        label=_("lower limit"), max_digits=18, decimal_places=6, required=False, allow_null=True
    )
    upper = serializers.DecimalField(
        label=_("upper limit"), max_digits=18, decimal_places=6, required=False, allow_null=True
    )


class ReceiveFromSubcontractor(OperationInput):
    """The record of the cycle and its verdict."""

    cycle_number = serializers.CharField(label=_("subcontractor's cycle number"), max_length=60)
    certificate_number = serializers.CharField(
        label=_("certificate number"), max_length=80, required=False, allow_blank=True
    )
    parameters = CycleParameter(many=True, required=False, label=_("parameters"))
    conforming = serializers.BooleanField(label=_("the cycle conforms to its specification"))
    to_location_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("to location"),
        required=False,
        allow_null=True,
        options=_places(Location.Kind.STORAGE, Location.Kind.QUARANTINE, Location.Kind.LINE),
        help_text=_("Left empty, everything goes back to where it came from."),
    )


class RequireProcess(OperationInput):
    """Which process, and whether release waits for it."""

    kind = serializers.ChoiceField(label=_("process"), choices=ProcessKind.choices)
    mandatory = serializers.BooleanField(label=_("required before release"), default=True)


class PutAway(OperationInput):
    """Where finished goods go."""

    to_location_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("to location"),
        options=_places(Location.Kind.STORAGE, Location.Kind.QUARANTINE),
    )
