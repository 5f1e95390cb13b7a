"""Inputs of master data operations."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.masterdata.models import Item, Location, RiskClass, Tracking, Unit
from erp.operations import OperationInput, RecordField
from erp.operations.inputs import QuantityField

COUNTRY = re.compile(r"^[A-Z]{2}$")


class CountryField(serializers.RegexField):
    """A country by its ISO 3166-1 alpha-2 code."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("label", _("country"))
        kwargs.setdefault("help_text", _("Two letters, for example DE"))
        super().__init__(regex=COUNTRY, **kwargs)  # type: ignore[arg-type]


class RegisterItem(OperationInput):
    """A new item."""

    code = serializers.CharField(label=_("item number"), max_length=60)
    name = serializers.CharField(label=_("name"), max_length=300)
    name_zh = serializers.CharField(
        label=_("Chinese name"), max_length=300, required=False, default="", allow_blank=True
    )
    kind = serializers.ChoiceField(label=_("kind"), choices=Item.Kind.choices)
    tracking = serializers.ChoiceField(
        label=_("tracking"), choices=Tracking.choices, default=Tracking.LOT
    )
    unit = serializers.ChoiceField(label=_("unit"), choices=Unit.choices, default=Unit.PIECE)
    risk_class = serializers.ChoiceField(
        label=_("risk class"),
        choices=RiskClass.choices,
        required=False,
        default="",
        allow_blank=True,
    )
    sterile = serializers.BooleanField(label=_("sterile"), default=False)
    implant_grade = serializers.BooleanField(label=_("implant-grade traceability"), default=False)
    shelf_life_days = serializers.IntegerField(
        label=_("shelf life in days"),
        min_value=1,
        max_value=36500,
        required=False,
        allow_null=True,
        default=None,
    )
    storage = serializers.CharField(
        label=_("storage conditions"), max_length=200, required=False, default="", allow_blank=True
    )
    manufacturer = serializers.CharField(
        label=_("manufacturer"), max_length=300, required=False, default="", allow_blank=True
    )
    catalogue = serializers.CharField(
        label=_("version or model"), max_length=200, required=False, default="", allow_blank=True
    )
    certificate_required = serializers.BooleanField(
        label=_("certificate required at receipt"), default=False
    )
    inspection_required = serializers.BooleanField(label=_("inspected at receipt"), default=True)


class BomRow(OperationInput):
    """One component."""

    component_id = RecordField("masterdata.Item", key="code", label=_("component"))
    quantity = QuantityField(label=_("quantity per unit"))
    per_unit = serializers.BooleanField(label=_("recorded per unit"), default=False)


class DraftRevision(OperationInput):
    """A new revision with its bill of materials."""

    revision = serializers.CharField(label=_("revision"), max_length=10)
    description = serializers.CharField(
        label=_("what changed"),
        required=False,
        default="",
        allow_blank=True,
        style={"base_template": "textarea.html"},
    )
    lines = BomRow(many=True, label=_("bill of materials"), required=False, default=list)


class RegisterPartner(OperationInput):
    """A new supplier, customer or subcontractor."""

    code = serializers.CharField(label=_("code"), max_length=30)
    name = serializers.CharField(label=_("name"), max_length=200)
    name_zh = serializers.CharField(
        label=_("Chinese name"), max_length=200, required=False, default="", allow_blank=True
    )
    address = serializers.CharField(
        label=_("address"),
        required=False,
        default="",
        allow_blank=True,
        style={"base_template": "textarea.html"},
    )
    country = CountryField()
    language = serializers.ChoiceField(
        label=_("language"), choices=[("en", "English"), ("zh-hans", "简体中文")], default="en"
    )
    email = serializers.EmailField(label=_("e-mail"), required=False, default="", allow_blank=True)
    phone = serializers.CharField(
        label=_("phone"), max_length=40, required=False, default="", allow_blank=True
    )
    is_supplier = serializers.BooleanField(label=_("supplier"), default=False)
    is_customer = serializers.BooleanField(label=_("customer"), default=False)
    is_subcontractor = serializers.BooleanField(label=_("subcontractor"), default=False)


class RegisterLocation(OperationInput):
    """A new place."""

    site_id = RecordField("accounts.Site", key="code", label=_("site"))
    code = serializers.CharField(label=_("code"), max_length=40)
    name = serializers.CharField(label=_("name"), max_length=120)
    kind = serializers.ChoiceField(label=_("kind"), choices=Location.Kind.choices)
    partner_id = RecordField(
        "masterdata.Partner",
        key="code",
        label=_("subcontractor"),
        required=False,
        allow_null=True,
        default=None,
    )


class RegisterAuthorisation(OperationInput):
    """The right to sell an item in a country."""

    country = CountryField()
    kind = serializers.CharField(
        label=_("kind"), max_length=60, help_text=_("510(k), CE certificate, NMPA registration …")
    )
    number = serializers.CharField(label=_("number"), max_length=80)
    valid_from = serializers.DateField(label=_("valid from"))
    valid_until = serializers.DateField(
        label=_("valid until"), required=False, allow_null=True, default=None
    )

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Refuse a period that ends before it begins."""
        until, since = attrs.get("valid_until"), attrs["valid_from"]
        if until is not None and until < since:  # type: ignore[operator]
            raise serializers.ValidationError({"valid_until": _("This is before “valid from”.")})
        return attrs
