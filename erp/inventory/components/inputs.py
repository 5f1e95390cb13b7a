"""Inputs of the replacement of a component."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.inventory.components.queries import components_of
from erp.inventory.inputs import physical_places
from erp.masterdata.models import Location
from erp.operations import OperationInput, RecordField
from erp.operations.inputs import QuantityField
from traceability.models import Lot


class Fate(TextChoices):
    """What becomes of the component that was taken out."""

    QUARANTINE = "quarantine", _("back into quarantine")
    SCRAP = "scrap", _("scrap")


def in_the_unit(actor: Actor, unit: Any) -> QuerySet[Lot]:
    """Return the components that are in the unit now."""
    kept = components_of([unit.pk])[unit.pk] if isinstance(unit, Lot) else []
    present = {stay.component_id for stay in kept if stay.current}
    return Lot.objects.filter(pk__in=present).order_by("number")


def spare_parts(actor: Actor, unit: Any) -> QuerySet[Lot]:
    """Return released lots in stock of the items that are in the unit."""
    items = in_the_unit(actor, unit).values("item")
    rows = Lot.objects.visible_to(actor).filter(
        item__in=items, state="released", balances__quantity__gt=0
    )
    return rows.distinct().order_by("number")


def quarantine_places(actor: Actor, unit: Any) -> QuerySet[Location]:
    """Return the quarantine stores the actor sees."""
    return physical_places(actor, unit).filter(kind=Location.Kind.QUARANTINE)


class ReplaceComponent(OperationInput):
    """What comes out and where it goes; what goes in instead."""

    removed_id = RecordField(
        "traceability.Lot", widget="scan", label=_("taken out"), options=in_the_unit
    )
    quantity = QuantityField(default=Decimal(1))
    fate = serializers.ChoiceField(label=_("what becomes of it"), choices=Fate.choices)
    location_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("quarantine store"),
        required=False,
        allow_null=True,
        options=quarantine_places,
        help_text=_("Left empty, the site's first quarantine store is taken."),
    )
    witness = serializers.CharField(
        label=_("witness"),
        max_length=120,
        required=False,
        allow_blank=True,
        help_text=_("Needed where it is scrapped."),
    )
    installed_id = RecordField(
        "traceability.Lot",
        widget="scan",
        label=_("built in instead"),
        required=False,
        allow_null=True,
        options=spare_parts,
        help_text=_("Left empty, the unit stays without it."),
    )
    from_location_id = RecordField(
        "masterdata.Location",
        key="code",
        label=_("taken from"),
        required=False,
        allow_null=True,
        options=physical_places,
        help_text=_("Left empty, where it lies, if that is one place."),
    )
