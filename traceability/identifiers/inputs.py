"""Inputs of the registry."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.operations import OperationInput, RecordField
from traceability.identifiers.models import DI_LENGTH, DeviceIdentifier, Issuer, Level

IDENTIFIER = "traceability.DeviceIdentifier"


def same_item(actor: Actor, subject: Any) -> QuerySet[DeviceIdentifier]:
    """Offer the identifiers of the same item: only they can be inside one package with it."""
    rows = DeviceIdentifier.objects.visible_to(actor).order_by("di")
    if isinstance(subject, DeviceIdentifier):
        rows = rows.filter(item_id=subject.item_id).exclude(pk=subject.pk)
    return rows


def identifier_field(label: Any, help_text: Any = "") -> RecordField:
    """Return an optional field that names an identifier by its number."""
    return RecordField(
        IDENTIFIER,
        key="di",
        options=same_item,
        label=label,
        help_text=help_text,
        required=False,
        allow_null=True,
        default=None,
    )


class MarketField(serializers.RegexField):
    """A market by its country code; empty for all markets."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("market"))
        kwargs.setdefault("help_text", _("Two letters, for example CN; empty for all markets"))
        super().__init__(
            regex=r"^[A-Z]{2}$", required=False, default="", allow_blank=True, **kwargs
        )


class IdentifierContent(OperationInput):
    """What an identifier stands for."""

    issuer = serializers.ChoiceField(label=_("issuing agency"), choices=Issuer.choices)
    di = serializers.CharField(
        label="UDI-DI",
        max_length=DI_LENGTH,
        help_text=_("As issued: a GTIN, or a HIBC code with or without + and check character"),
    )
    level = serializers.ChoiceField(
        label=_("packaging level"), choices=Level.choices, default=Level.BASE
    )
    revision = serializers.CharField(
        label=_("from revision"),
        max_length=10,
        required=False,
        default="",
        allow_blank=True,
        help_text=_("A new version or model needs a new identifier; empty: from the first on"),
    )
    market = MarketField()
    primary = serializers.BooleanField(
        label=_("on the label"),
        default=True,
        initial=True,
        help_text=_("A secondary identifier of another issuing agency is kept beside it"),
    )
    company_prefix_length = serializers.IntegerField(
        label=_("length of the GS1 company prefix"),
        min_value=6,
        max_value=12,
        required=False,
        allow_null=True,
        default=None,
    )
    contains_id = identifier_field(_("contains"), _("For packages: the identifier one level below"))
    contained_quantity = serializers.IntegerField(
        label=_("how many"), min_value=1, required=False, allow_null=True, default=None
    )
    belongs_to_id = identifier_field(
        _("belongs to"), _("For unit of use and direct mark: the identifier of the base package")
    )
    replaces_id = identifier_field(_("replaces"), _("The identifier of the version before"))
    prior_di = serializers.CharField(
        label=_("identifier before relabelling"),
        max_length=DI_LENGTH,
        required=False,
        default="",
        allow_blank=True,
        help_text=_("Of the device as it was bought, where we relabel it (21 CFR 830.60)"),
    )
    accept_warning = serializers.BooleanField(
        label=_("accept the warning"),
        default=False,
        help_text=_("Take over a number whose check character is wrong, because devices carry it"),
    )


class RegisterIdentifier(IdentifierContent):
    """A new identifier."""

    item_id = RecordField("masterdata.Item", key="code", label=_("item"))

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Ask for the item first."""
        fields = super().get_fields()
        return {"item_id": fields.pop("item_id"), **fields}


class CorrectIdentifier(IdentifierContent):
    """A draft written anew: every field as it shall be."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Begin with what stands in the draft."""
        fields = super().get_fields()
        draft = self.context.get("subject")
        if isinstance(draft, DeviceIdentifier):
            for name, field in fields.items():
                field.initial = getattr(draft, name, field.initial)
            fields["revision"].initial = draft.revision.revision if draft.revision else ""
        return fields


class ActivateIdentifier(OperationInput):
    """From when the identifier may stand on labels."""

    valid_from = serializers.DateField(
        label=_("valid from"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Empty: from today"),
    )


class WithdrawIdentifier(OperationInput):
    """From when the identifier stands on no new label."""

    withdrawn_on = serializers.DateField(
        label=_("withdrawn on"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Empty: today"),
    )


class LinkPackaging(OperationInput):
    """What a package contains."""

    contains_id = RecordField(IDENTIFIER, key="di", options=same_item, label=_("contains"))
    contained_quantity = serializers.IntegerField(label=_("how many"), min_value=1)
