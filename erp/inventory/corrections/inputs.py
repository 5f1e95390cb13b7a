"""Inputs of corrections."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.operations import OperationInput, RecordField
from traceability.models import ErrorDeclaration, EventSubject, TraceEvent


def later_events_of_lots(actor: Actor, declaration: Any) -> QuerySet[TraceEvent]:
    """Return the events recorded since about the lots of a declaration."""
    events = TraceEvent.objects.visible_to(actor).standing()
    if declaration is None:
        return events.none()
    lots = EventSubject.objects.filter(event=declaration.event_id).values("lot")
    since = events.filter(pk__gt=declaration.event_id)
    touching = since.filter(inputs__lot__in=lots) | since.filter(outputs__lot__in=lots)
    return (touching | since.filter(subjects__lot__in=lots)).distinct().order_by("-pk")


class DeclareError(OperationInput):
    """What is wrong; the reason is asked with it and kept."""

    error = serializers.ChoiceField(
        label=_("what is wrong"),
        choices=ErrorDeclaration.Error.choices,
        help_text=_("If it happened otherwise, record it again as it was and name that event."),
    )


class NameCorrective(OperationInput):
    """The events that tell it rightly."""

    event_ids = serializers.ListField(
        label=_("events with the right data"),
        child=RecordField("traceability.TraceEvent", key="pk", options=later_events_of_lots),
        min_length=1,
        max_length=1000,
    )
