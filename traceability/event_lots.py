"""Which lots an event names, in a few characters: the first, and how many there are besides."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from traceability.models import EventInput, EventOutput, EventSubject, TraceEvent

Line = EventInput | EventOutput | EventSubject


def with_lots(events: QuerySet[TraceEvent]) -> QuerySet[Any]:
    """Read with each event what :func:`lots_named` says of it."""
    return events.annotate(
        lot_count=_count(EventInput) + _count(EventOutput) + _count(EventSubject),
        lot_number=Coalesce(_first(EventOutput), _first(EventSubject), _first(EventInput)),
    )


def lots_named(event: Any) -> str:
    """Return "L-1042 +11", or nothing where the event names no lot."""
    others = event.lot_count - 1
    return f"{event.lot_number} +{others}" if others > 0 else event.lot_number or ""


def lots_named_by(event_ids: Collection[int]) -> dict[int, str]:
    """Return what each of these events names."""
    return {e.pk: lots_named(e) for e in with_lots(TraceEvent.objects.filter(pk__in=event_ids))}


def _count(lines: type[Line]) -> Coalesce:
    of_event = lines.objects.filter(event=OuterRef("pk")).order_by().values("event")
    number = Subquery(of_event.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return Coalesce(number, 0)


def _first(lines: type[Line]) -> Subquery:
    of_event = lines.objects.filter(event=OuterRef("pk"))
    return Subquery(of_event.order_by("pk").values("lot__number")[:1])
