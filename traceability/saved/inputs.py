"""Input of saving a trace: the question as it stands in an address."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.operations.inputs import OperationInput
from traceability.trace.answer import DIRECTIONS, Direction
from traceability.trace.asked import MAX_DEPTH, MAX_STARTS, MAX_TEXT

DAY = _("A day (2026-11-24) or an instant.")


class SaveTrace(OperationInput):
    """The question. Its answer is taken from the records, never from the caller."""

    title = serializers.CharField(
        label=_("title"),
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Why it is kept; empty: the question."),
    )
    start = serializers.ListField(
        child=serializers.CharField(max_length=120),
        label=_("start"),
        allow_empty=False,
        max_length=MAX_STARTS,
        help_text=_("R-1042, or lot:R-1042, instrument:C-17; one a line."),
    )
    direction = serializers.ChoiceField(
        # Siblings are a look around, not a scope: they are asked again, never kept.
        [(d.value, label) for d, label in DIRECTIONS.items() if d is not Direction.SIBLINGS],
        label=_("direction"),
    )
    since = serializers.CharField(
        label=_("touched from"),
        max_length=MAX_TEXT,
        required=False,
        allow_blank=True,
        default="",
        help_text=DAY,
    )
    until = serializers.CharField(
        label=_("touched until"),
        max_length=MAX_TEXT,
        required=False,
        allow_blank=True,
        default="",
        help_text=DAY,
    )
    as_known = serializers.CharField(
        label=_("as known on"),
        max_length=MAX_TEXT,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Empty: as known now."),
    )
    depth = serializers.IntegerField(
        label=_("steps at most"),
        min_value=0,
        max_value=MAX_DEPTH,
        required=False,
        allow_null=True,
        default=None,
    )
