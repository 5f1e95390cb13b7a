"""What the operations of the exchange ask."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.operations.inputs import OperationInput, RecordField
from traceability.epcis.models import CaptureJob

FORMATS = ("No_Preference", "Always_GS1_Digital_Link", "Always_EPC_URN", "Never_Translates")


class CaptureFile(OperationInput):
    """A document, from whom, and for which site."""

    file = serializers.FileField(
        label=_("file"),
        max_length=200,
        help_text=_("An EPCIS 2.0 document as JSON; kept unchanged under its SHA-256."),
    )
    behaviour = serializers.ChoiceField(
        CaptureJob.Behaviour.choices,
        label=_("in case of errors"),
        default=CaptureJob.Behaviour.ROLLBACK,
    )
    partner_id = RecordField(
        "masterdata.Partner", key="code", label=_("partner"), required=False, allow_null=True
    )
    site_id = RecordField(
        "accounts.Site", key="code", label=_("site"), required=False, allow_null=True
    )


class FailCapture(OperationInput):
    """Why a document could not be captured at all."""

    error = serializers.CharField(max_length=2000)


class DefineQuery(OperationInput):
    """A name, and the query as the standard writes it in JSON."""

    name = serializers.RegexField(r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", max_length=100, label=_("name"))
    query = serializers.JSONField(label=_("query"))


class Subscribe(OperationInput):
    """Where to tell, when, and the secret that signs what is told."""

    dest = serializers.CharField(label=_("address"), max_length=1000)
    secret = serializers.CharField(
        label=_("secret"), max_length=200, required=False, allow_blank=True, default=""
    )
    stream = serializers.BooleanField(label=_("at once"), default=False)
    schedule = serializers.JSONField(label=_("timetable"), required=False, default=dict)
    report_if_empty = serializers.BooleanField(label=_("also when nothing is new"), default=False)
    initial_record_time = serializers.DateTimeField(
        label=_("events recorded from"), required=False, allow_null=True, default=None
    )
    epc_format = serializers.ChoiceField(FORMATS, default="Always_GS1_Digital_Link")


class NoteDelivery(OperationInput):
    """What came of one attempt to tell a subscriber."""

    after = serializers.IntegerField(min_value=0)
    upto = serializers.IntegerField(min_value=0)
    count = serializers.IntegerField(min_value=0)
    status = serializers.IntegerField(min_value=100, max_value=599, allow_null=True)
    delivered = serializers.BooleanField()
    error = serializers.CharField(max_length=2000, allow_blank=True)
