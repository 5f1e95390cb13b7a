"""Named queries and subscriptions to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.core import clock
from erp.core.context import Context
from erp.operations import operation
from traceability.epcis import inputs, locking, query, schedule, webhook
from traceability.epcis.errors import BadSubscription, NoSuchQuery, QueryExists
from traceability.epcis.models import EventQuery, EventSubscription, SubscriptionDelivery
from traceability.epcis.queries import matches_after, recorded_since
from traceability.epcis.states import SUBSCRIPTION, SubscriptionState
from traceability.epcis.steps import telling


@operation(
    "traceability.define_event_query",
    title=_("Define event query"),
    sentence=_("The query is kept under its name; partners ask it and subscribe to it."),
    noun="event-queries",
    verb="define",
    creates="traceability.EventQuery",
    input=inputs.DefineQuery,
    primary=True,
    machine=True,
)
def define_event_query(ctx: Context, *, name: str, query: Any) -> EventQuery:
    """Keep a query; one that cannot be asked is refused."""
    _refuse_unaskable(query)
    if EventQuery.objects.filter(name=name, removed_at__isnull=True).exists():
        raise QueryExists(name=name)
    try:
        return EventQuery.objects.create(name=name, query=query, defined_by_id=ctx.actor.user_id)
    except IntegrityError as error:
        raise QueryExists(name=name) from error


def _refuse_unaskable(body: Any) -> None:
    query.from_json(body)


@operation(
    "traceability.remove_event_query",
    title=_("Remove"),
    sentence=_("The query can no longer be asked; subscriptions to it end."),
    noun="event-queries",
    verb="remove",
    subject="traceability.EventQuery",
    subject_arg="query_id",
    danger=True,
    machine=True,
)
def remove_event_query(ctx: Context, *, query_id: int) -> EventQuery:
    """End a query with its subscriptions; the record of both stays."""
    found = locking.lock_query(ctx, query_id)
    if found.removed_at is not None:
        raise NoSuchQuery(name=found.name)
    for subscription in locking.lock_subscriptions_of(ctx, found.pk):
        if subscription.state == SubscriptionState.ACTIVE:
            _end(subscription)
    found.removed_at = ctx.at or clock.now()
    found.save(update_fields=["removed_at"])
    return found


@operation(
    "traceability.subscribe_to_events",
    title=_("Subscribe"),
    sentence=_("New events that match the query are sent to an address, signed."),
    noun="event-queries",
    verb="subscribe",
    subject="traceability.EventQuery",
    subject_arg="query_id",
    creates="traceability.EventSubscription",
    input=inputs.Subscribe,
    primary=True,
    machine=True,
)
def subscribe_to_events(
    ctx: Context, /, *, query_id: int, dest: str, secret: str, **terms: Any
) -> EventSubscription:
    """Have new events sent; the subscriber is told what this account may see."""
    asked = locking.lock_query(ctx, query_id)
    if asked.removed_at is not None:
        raise NoSuchQuery(name=asked.name)
    _refuse_controls(stream=terms["stream"], timetable=terms["schedule"])
    webhook.check(dest)
    subscription = EventSubscription.objects.create(
        number=str(uuid.uuid4()),
        query=asked,
        dest=dest,
        password=secret,
        subscribed_by_id=ctx.actor.user_id,
        created_at=ctx.at or clock.now(),
        **terms,
    )
    since = terms["initial_record_time"]
    if since is not None:
        telling.find_matches_among(ctx, subscription, recorded_since(since))
    return subscription


def _refuse_controls(*, stream: bool, timetable: Mapping[str, Any]) -> None:
    """The standard wants one of the two said, so that nobody subscribes to a stream by mistake."""
    if stream == bool(timetable):
        raise BadSubscription(reason=_now("say either “stream”: true or a “schedule”"))
    if timetable:
        if not isinstance(timetable, Mapping):
            raise BadSubscription(reason="schedule")
        try:
            schedule.read(timetable)
        except ValueError as error:
            raise BadSubscription(reason=f"schedule: {error}") from error


@operation(
    "traceability.end_event_subscription",
    title=_("End subscription"),
    sentence=_("Nothing more is sent to this address."),
    noun="event-subscriptions",
    verb="end",
    subject="traceability.EventSubscription",
    subject_arg="subscription_id",
    states=SUBSCRIPTION,
    step="end",
    danger=True,
    machine=True,
)
def end_event_subscription(ctx: Context, *, subscription_id: int) -> EventSubscription:
    """End a subscription; what was sent stays on record."""
    subscription = locking.lock_subscription(ctx, subscription_id)
    _end(subscription)
    return subscription


def _end(subscription: EventSubscription) -> None:
    subscription.state = SUBSCRIPTION.next(SubscriptionState(subscription.state), "end")
    subscription.save(update_fields=["state"])


@operation(
    "traceability.note_event_delivery",
    title=_("Note delivery"),
    sentence=_("What came of telling a subscriber is recorded."),
    noun="event-subscriptions",
    verb="note-delivery",
    subject="traceability.EventSubscription",
    subject_arg="subscription_id",
    input=inputs.NoteDelivery,
    machine=True,
    hidden=True,
)
def note_event_delivery(ctx: Context, /, *, subscription_id: int, **said: Any) -> EventSubscription:
    """Record one attempt to tell a subscriber."""
    subscription = locking.lock_subscription(ctx, subscription_id)
    telling.note_delivery(subscription, SubscriptionDelivery(**said))
    return subscription


@operation(
    "traceability.run_event_subscription",
    title=_("Run subscription"),
    sentence=_("What was found since the last time is sent."),
    noun="event-subscriptions",
    verb="run",
    subject="traceability.EventSubscription",
    subject_arg="subscription_id",
    machine=True,
    hidden=True,
)
def run_event_subscription(ctx: Context, *, subscription_id: int) -> EventSubscription:
    """Announce what a timetable has been waiting with; without news only where this is wanted."""
    subscription = locking.lock_subscription(ctx, subscription_id)
    SUBSCRIPTION.next(SubscriptionState(subscription.state), "end")
    found = matches_after(subscription, subscription.announced_upto)
    if found or subscription.report_if_empty:
        telling.announce(ctx, subscription, subscription.announced_upto, found)
        subscription.announced_upto = max(found, default=subscription.announced_upto)
    subscription.last_run_at = ctx.at or clock.now()
    subscription.save(update_fields=["announced_upto", "last_run_at"])
    return subscription
