"""Reads of the exchange."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, Max, OuterRef, QuerySet

from erp.core import clock
from traceability.epcis.models import (
    EpcisEvent,
    EpcisEventQuerySet,
    EpcisLink,
    EventSubscription,
    SubscriptionMatch,
)
from traceability.models import EventInput, EventOutput, EventSubject, TraceEvent

SETTLED = dt.timedelta(minutes=15)
"""Longer than any transaction lasts: what began before it is committed, or will never be."""


def unpublished(limit: int) -> list[int]:
    """Return the oldest trace events that are not published yet.

    Only those above the last one published a while ago are looked at: a transaction that is still
    open holds smaller numbers back for minutes at most, so nothing is passed over.
    """
    settled = EpcisLink.objects.filter(
        event__job__isnull=True, event__record_time__lt=clock.now() - SETTLED
    ).aggregate(last=Max("trace_event_id"))["last"]
    rows = TraceEvent.objects.filter(pk__gt=settled or 0)
    named = [
        Exists(model._default_manager.filter(event=OuterRef("pk")))
        for model in (EventInput, EventOutput, EventSubject)
    ]
    known = EpcisLink.objects.filter(trace_event=OuterRef("pk"))
    void = TraceEvent.objects.filter(pk=OuterRef("corrects_id"))
    rows = rows.filter(named[0] | named[1] | named[2] | Exists(void), ~Exists(known))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def matches_after(
    subscription: EventSubscription, after: int, upto: int | None = None
) -> list[int]:
    """Return what was found for a subscription after one match and, if given, up to another."""
    rows = SubscriptionMatch.objects.filter(subscription=subscription, pk__gt=after)
    rows = rows.filter(pk__lte=upto) if upto is not None else rows
    return list(rows.order_by("pk").values_list("pk", flat=True))


def events_matched(subscription_id: int, after: int, upto: int) -> QuerySet[EpcisEvent]:
    """Return the events of these matches, in the order they were found."""
    found = SubscriptionMatch.objects.filter(
        subscription_id=subscription_id, pk__gt=after, pk__lte=upto
    )
    return EpcisEvent.objects.filter(pk__in=found.values("event_id")).order_by("pk")


def recorded_since(moment: dt.datetime) -> EpcisEventQuerySet:
    """Return the events recorded since a moment."""
    found: EpcisEventQuerySet = EpcisEvent.objects.filter(record_time__gte=moment)
    return found
