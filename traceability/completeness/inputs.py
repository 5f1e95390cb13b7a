"""Inputs of evidence checks and repairs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.accounts.models import User
from erp.core.actor import Actor
from erp.operations.inputs import OperationInput, QuantityField, RecordField

HOW: list[tuple[str, Any]] = [
    ("receiving", _("received from outside")),
    ("commissioning", _("made here")),
]


def people(actor: Actor, subject: Any) -> QuerySet[User]:
    """Return who may be given work."""
    return User.objects.filter(is_active=True, is_service=False).order_by("name", "pk")


class CheckEvidence(OperationInput):
    """All lots, or those touched since the last check."""

    full = serializers.BooleanField(
        label=_("all lots"),
        required=False,
        default=True,
        help_text=_("Otherwise only lots touched since the last check, and those under findings."),
    )


class FailCheck(OperationInput):
    """Why the check did not come to its end."""

    error = serializers.CharField(max_length=2000)


class AssignFinding(OperationInput):
    """To whom."""

    owner_id = RecordField("accounts.User", key="username", options=people, label=_("owner"))


class Repaired(OperationInput):
    """Where a repair is known from."""

    known_from = serializers.CharField(
        label=_("known from"),
        max_length=1000,
        help_text=_("Which document says so: delivery note, paper batch record, log file …"),
    )


class RecordMissingOrigin(Repaired):
    """How, when and how much."""

    how = serializers.ChoiceField(HOW, label=_("how it came into being"))
    happened_at = serializers.DateTimeField(label=_("when it really happened"))
    quantity = QuantityField()


class MaterialLine(OperationInput):
    """A quantity of one lot that went in."""

    lot_id = RecordField("traceability.Lot", widget="scan", label=_("lot or unit"))
    quantity = QuantityField()


class RecordMissingMaterial(Repaired):
    """What went in, and when if not at the making."""

    lines = MaterialLine(many=True, label=_("material"), allow_empty=False)
    happened_at = serializers.DateTimeField(
        label=_("when it really happened"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Empty: when the lot was made."),
    )
