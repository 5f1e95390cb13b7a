"""Inputs of the operations on deviations and concessions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from equipment.models import Instrument
from erp.core.actor import Actor
from erp.operations import OperationInput, RecordField
from procurement.inputs import suppliers
from quality.nonconformity.concessions import CONCEDED
from quality.nonconformity.models import Deviation
from traceability.models import Lot

MAX_TEXT = 5000
MAX_LOTS = 10_000
LONG = {"base_template": "textarea.html"}


def lots_of(actor: Actor, subject: Deviation) -> QuerySet[Lot]:
    """Return the lots of the deviation."""
    rows = Lot.objects.visible_to(actor).filter(deviation_lots__deviation=subject)
    return rows.order_by("number")


def instruments_of_site(actor: Actor, subject: Deviation) -> QuerySet[Instrument]:
    """Return the instruments at the site of the deviation."""
    return Instrument.objects.visible_to(actor).filter(site_id=subject.site_id).order_by("code")


class OpenDeviation(OperationInput):
    """What was found, or what departure is planned, and the lots it concerns."""

    site_id = RecordField("accounts.Site", key="code", label=_("site"))
    kind = serializers.ChoiceField(
        label=_("kind"), choices=Deviation.Kind.choices, default=Deviation.Kind.NONCONFORMITY
    )
    title = serializers.CharField(label=_("title"), max_length=180)
    description = serializers.CharField(label=_("what was found"), max_length=MAX_TEXT, style=LONG)
    severity = serializers.ChoiceField(label=_("severity"), choices=Deviation.Severity.choices)
    lot_ids = serializers.ListField(
        child=RecordField("traceability.Lot", widget="scan"),
        label=_("lots and units"),
        help_text=_("One number per line"),
        required=False,
        max_length=MAX_LOTS,
    )
    source_text = serializers.CharField(
        label=_("source"), required=False, allow_blank=True, max_length=200
    )
    detected_at = serializers.DateTimeField(label=_("detected"), required=False, allow_null=True)


class ReviewDeviation(OperationInput):
    """What the review found (ISO 13485, 8.3.1: evaluation, need to investigate and to notify)."""

    evaluation = serializers.CharField(label=_("evaluation"), max_length=MAX_TEXT, style=LONG)
    notify = serializers.CharField(
        label=_("who outside must be told, or why nobody"), max_length=MAX_TEXT, style=LONG
    )
    severity = serializers.ChoiceField(
        label=_("severity"), choices=Deviation.Severity.choices, required=False
    )


class DispositionDeviation(OperationInput):
    """What becomes of the goods."""

    disposition = serializers.ChoiceField(
        label=_("disposition"), choices=Deviation.Disposition.choices
    )
    justification = serializers.CharField(label=_("justification"), max_length=MAX_TEXT, style=LONG)
    instruction = serializers.CharField(
        label=_("rework instruction"),
        help_text=_("Number and revision of the approved instruction; needed for rework."),
        required=False,
        allow_blank=True,
        max_length=200,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Rework follows an approved instruction (ISO 13485, 8.3.4)."""
        rework = attrs["disposition"] == Deviation.Disposition.REWORK
        if rework and not attrs.get("instruction", "").strip():
            raise serializers.ValidationError(
                {"instruction": _("Name the approved instruction that the rework follows.")}
            )
        return attrs


class CloseDeviation(OperationInput):
    """What was done."""

    outcome = serializers.CharField(label=_("what was done"), max_length=MAX_TEXT, style=LONG)


class ApproveConcession(OperationInput):
    """The scope and period of a concession."""

    gate = serializers.ChoiceField(label=_("may be done"), choices=list(CONCEDED.items()))
    lot_ids = serializers.ListField(
        child=RecordField("traceability.Lot", widget="scan", options=lots_of),
        label=_("lots and units"),
        help_text=_("One number per line; when empty, the lots of the deviation."),
        required=False,
        max_length=MAX_LOTS,
    )
    supplier_id = RecordField(
        "masterdata.Partner",
        key="code",
        label=_("supplier"),
        help_text=_("To order or receive in spite of a missing approval; with the items."),
        options=suppliers,
        required=False,
        allow_null=True,
    )
    item_ids = serializers.ListField(
        child=RecordField("masterdata.Item", key="code"),
        label=_("items of the supplier"),
        help_text=_("Item numbers, one per line"),
        required=False,
        max_length=MAX_LOTS,
    )
    instrument_ids = serializers.ListField(
        child=RecordField("equipment.Instrument", key="code", options=instruments_of_site),
        label=_("instruments"),
        help_text=_("To use instruments: their codes, one per line"),
        required=False,
        max_length=MAX_LOTS,
    )
    valid_from = serializers.DateField(label=_("valid from"))
    valid_until = serializers.DateField(label=_("valid until"))
    justification = serializers.CharField(
        label=_("justification"),
        help_text=_("Why this is safe, and that regulatory requirements are met."),
        max_length=MAX_TEXT,
        style=LONG,
    )
