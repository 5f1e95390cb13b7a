"""Inputs of the operations of this app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from equipment.models import Calibration, CalibrationPoint
from erp.core.quantities import DIGITS, PLACES
from erp.operations import OperationInput, RecordField


class RegisterInstrument(OperationInput):
    """A new instrument."""

    code = serializers.CharField(max_length=40, label=_("code"))
    name = serializers.CharField(max_length=200, label=_("name"))
    instrument_class = serializers.CharField(max_length=60, label=_("class"))
    site_id = RecordField("accounts.Site", key="code", label=_("site"))
    location_id = RecordField(
        "masterdata.Location", key="code", label=_("location"), required=False, allow_null=True
    )
    maker = serializers.CharField(
        max_length=200, label=_("manufacturer"), required=False, allow_blank=True
    )
    serial_number = serializers.CharField(
        max_length=60, label=_("serial number"), required=False, allow_blank=True
    )
    measuring_range = serializers.CharField(
        max_length=80, label=_("range"), required=False, allow_blank=True
    )
    resolution = serializers.CharField(
        max_length=80, label=_("resolution"), required=False, allow_blank=True
    )
    owner_id = RecordField(
        "accounts.User", key="username", label=_("owner"), required=False, allow_null=True
    )
    interval_days = serializers.IntegerField(
        min_value=1, max_value=3660, label=_("calibration interval in days"), initial=365
    )


class PointInput(OperationInput):
    """One measured point."""

    phase = serializers.ChoiceField(choices=CalibrationPoint.Phase.choices, label=_("phase"))
    nominal = serializers.DecimalField(DIGITS, PLACES, label=_("nominal"))
    reading = serializers.DecimalField(DIGITS, PLACES, label=_("reading"))
    tolerance = serializers.DecimalField(DIGITS, PLACES, min_value=0, label=_("tolerance ±"))
    uncertainty = serializers.DecimalField(
        DIGITS, PLACES, min_value=0, label=_("uncertainty"), required=False, allow_null=True
    )
    unit = serializers.CharField(max_length=20, label=_("unit"), required=False, allow_blank=True)


class RecordCalibration(OperationInput):
    """What a calibration found and left."""

    instrument_id = RecordField("equipment.Instrument", key="code", label=_("instrument"))
    performed_at = serializers.DateTimeField(
        label=_("performed"), required=False, allow_null=True, help_text=_("Empty means now.")
    )
    as_found = serializers.ChoiceField(
        choices=Calibration.AsFound.choices,
        label=_("as found"),
        required=False,
        help_text=_("Not needed where as-found points are entered: they decide."),
    )
    verdict = serializers.ChoiceField(choices=Calibration.Verdict.choices, label=_("verdict"))
    adjusted = serializers.BooleanField(label=_("adjusted"), required=False, default=False)
    due_on = serializers.DateField(
        label=_("next due"),
        required=False,
        allow_null=True,
        help_text=_("Empty means by the instrument's interval."),
    )
    performed_by = serializers.CharField(
        max_length=200, label=_("performed by"), help_text=_("Person or laboratory")
    )
    standard_used = serializers.CharField(max_length=200, label=_("standard used"))
    certificate_number = serializers.CharField(
        max_length=80, label=_("certificate"), required=False, allow_blank=True
    )
    conditions = serializers.CharField(
        max_length=200, label=_("environment"), required=False, allow_blank=True
    )
    comment = serializers.CharField(
        label=_("comment"),
        required=False,
        allow_blank=True,
        style={"base_template": "textarea.html"},
    )
    points = PointInput(many=True, required=False, label=_("measured points"))
