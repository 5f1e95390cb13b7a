"""Inputs of the operations on plans and inspections."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from equipment.models import Instrument
from equipment.states import InstrumentState
from erp.core.actor import Actor
from erp.core.quantities import DIGITS, PLACES
from erp.operations import OperationInput, RecordField
from erp.operations.inputs import QuantityField
from quality.inspection import queries
from quality.inspection.models import Characteristic, Inspection, Stage
from traceability.models import Lot

MAX_SAMPLE = 1_000_000
ROWS_AT_ONCE = 60
"""How many results a person types in one go."""


class Limit(serializers.DecimalField):
    """A measured value or a limit: any decimal with at most six places."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=DIGITS, decimal_places=PLACES, **kwargs)


def instruments_here(actor: Actor, subject: Inspection) -> QuerySet[Instrument]:
    """Return the instruments in service at the inspection's site."""
    rows = Instrument.objects.visible_to(actor).filter(state=InstrumentState.IN_SERVICE)
    return rows.filter(site_id=subject.site_id).order_by("code")


def characteristics_of(actor: Actor, subject: Inspection) -> QuerySet[Characteristic]:
    """Return the characteristics of the inspection's plan."""
    return Characteristic.objects.filter(plan_id=subject.plan_id)


def units_of(actor: Actor, subject: Inspection) -> QuerySet[Lot]:
    """Return the units of the inspected lot."""
    return Lot.objects.visible_to(actor).filter(batch_id=subject.lot_id).order_by("number")


class CharacteristicRow(OperationInput):
    """One characteristic of a plan."""

    name = serializers.CharField(label=_("characteristic"), max_length=120)
    method = serializers.CharField(
        label=_("method"), max_length=200, required=False, allow_blank=True
    )
    kind = serializers.ChoiceField(label=_("kind"), choices=Characteristic.Kind.choices)
    lower = Limit(label=_("lower limit"), required=False, allow_null=True)
    upper = Limit(label=_("upper limit"), required=False, allow_null=True)
    unit = serializers.CharField(label=_("unit"), max_length=20, required=False, allow_blank=True)
    instrument_class = serializers.CharField(
        label=_("instrument class"), max_length=60, required=False, allow_blank=True
    )
    samples = serializers.IntegerField(
        label=_("samples"),
        min_value=1,
        max_value=MAX_SAMPLE,
        default=1,
        help_text=_("How many are inspected; all of them where fewer are presented."),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A measured characteristic has a limit, a judged one none, and the lower is not above."""
        lower, upper = attrs.get("lower"), attrs.get("upper")
        measured = attrs["kind"] == Characteristic.Kind.MEASURED
        if measured and lower is None and upper is None:
            raise serializers.ValidationError({"lower": _("Give at least one limit.")})
        if not measured and not (lower is None and upper is None):
            raise serializers.ValidationError({"kind": _("What is judged has no limits.")})
        if lower is not None and upper is not None and lower > upper:
            raise serializers.ValidationError(
                {"upper": _("The upper limit is below the lower one.")}
            )
        return attrs


class WriteInspectionPlan(OperationInput):
    """What is inspected of an item at a stage."""

    item_id = RecordField("masterdata.Item", key="code", label=_("item"))
    stage = serializers.ChoiceField(label=_("stage"), choices=Stage.choices)
    basis = serializers.CharField(
        label=_("basis of the sample size"), required=False, allow_blank=True, max_length=2000
    )
    characteristics = CharacteristicRow(many=True, allow_empty=False, label=_("characteristics"))

    def validate_characteristics(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """No name stands twice in a plan."""
        names = [row["name"].strip().lower() for row in rows]
        if len(names) != len(set(names)):
            raise serializers.ValidationError(_("Two characteristics have the same name."))
        return rows


class ResultRow(OperationInput):
    """One result of one sample: a value where it is measured, pass or fail where it is judged."""

    characteristic_id = RecordField(
        "quality.Characteristic", key="code", label=_("characteristic"), options=characteristics_of
    )
    sample = serializers.IntegerField(
        label=_("sample"), min_value=1, max_value=MAX_SAMPLE, default=1
    )
    value = Limit(label=_("value"), required=False, allow_null=True)
    verdict = serializers.ChoiceField(
        label=_("verdict"),
        choices=[("pass", _("pass")), ("fail", _("fail"))],
        required=False,
        allow_blank=True,
        allow_null=True,
    )
    instrument_id = RecordField(
        "equipment.Instrument",
        key="code",
        label=_("instrument"),
        options=instruments_here,
        required=False,
        allow_null=True,
    )


def rows_to_fill(actor: Actor, subject: Inspection | None) -> list[dict[str, Any]]:
    """Return a row for each sample without a result, so that only values are typed.

    The first of them: what is left after these, or is left blank, comes the next time.
    """
    if subject is None:
        return []
    left = islice(queries.samples_left(subject), ROWS_AT_ONCE)
    return [{"characteristic_id": pk, "sample": sample} for pk, sample in left]


class RecordResults(OperationInput):
    """Results of an inspection."""

    results = ResultRow(
        many=True,
        allow_empty=False,
        label=_("results"),
        style={"rows": rows_to_fill, "named": ("characteristic_id", "sample")},
    )


class DecideInspection(OperationInput):
    """The decision on what was presented."""

    decision = serializers.ChoiceField(
        label=_("decision"),
        choices=[("accept", _("accept")), ("reject", _("reject")), ("part", _("accept in part"))],
    )
    rejected_quantity = QuantityField(
        label=_("rejected quantity"),
        required=False,
        allow_null=True,
        help_text=_("When accepted in part: how much is refused."),
    )
    rejected_unit_ids = serializers.ListField(
        child=RecordField("traceability.Lot", widget="scan", options=units_of),
        label=_("rejected units"),
        required=False,
        help_text=_("When a lot of single units is accepted in part: the refused ones."),
    )
    remark = serializers.CharField(
        label=_("remark"), required=False, allow_blank=True, max_length=2000
    )
