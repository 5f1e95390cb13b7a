"""Inputs of release and rejection."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.operations import OperationInput


class ReleaseLot(OperationInput):
    """A release says nothing the system does not know; a comment is possible."""

    comment = serializers.CharField(
        label=_("comment"), required=False, allow_blank=True, max_length=2000
    )


class RejectLot(OperationInput):
    """The reason says why."""
