"""Telling subscribers: an event is matched with every subscription once, when it is recorded.

What matches is a row of its own in the same transaction, so nothing is told twice and nothing gets
lost between two looks at a clock. Whoever wants to know at once gets a message of the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence

from erp.accounts.queries import actor_for
from erp.core import clock, outbox
from erp.core.context import Context
from traceability.epcis import query
from traceability.epcis.locking import lock_active_subscriptions
from traceability.epcis.models import (
    EpcisEvent,
    EpcisEventQuerySet,
    EventSubscription,
    SubscriptionDelivery,
    SubscriptionMatch,
)
from traceability.steps import CHUNK

TOPIC = "epcis.tell"
MESSAGE = 500


def find_matches(ctx: Context, event_ids: Sequence[int]) -> None:
    """Note for every active subscription which of these new events it is to be told.

    The subscriptions are locked until the end: matches then become visible in the order of their
    ids, so that "after this one" never passes over any. It is the last thing a capture does.
    """
    new = EpcisEvent.objects.filter(pk__in=event_ids)
    for subscription in lock_active_subscriptions(ctx):
        find_matches_among(ctx, subscription, new)


def find_matches_among(
    ctx: Context, subscription: EventSubscription, events: EpcisEventQuerySet
) -> None:
    """Note which of these events one subscriber is to be told; at once where they want that."""
    asked = query.from_json(subscription.query.query)
    visible = events.visible_to(actor_for(subscription.subscribed_by))
    found = query.select(visible, asked).order_by("pk").values_list("pk", flat=True)
    matches = SubscriptionMatch.objects.bulk_create(
        [SubscriptionMatch(subscription=subscription, event_id=pk) for pk in found],
        batch_size=CHUNK,
    )
    if matches and subscription.stream:
        announce(ctx, subscription, matches[0].pk - 1, [match.pk for match in matches])


def announce(
    ctx: Context, subscription: EventSubscription, after: int, match_ids: Sequence[int]
) -> None:
    """Put messages for the subscriber, five hundred events each; one where there are none."""
    for start in range(0, max(len(match_ids), 1), MESSAGE):
        part = match_ids[start : start + MESSAGE]
        upto = part[-1] if part else after
        moment = clock.now().isoformat() if not part else ""
        body = {"subscription": subscription.pk, "after": after, "upto": upto}
        outbox.put(ctx, TOPIC, f"{subscription.number}:{after}:{upto}{moment}", body)
        after = upto


def note_delivery(
    subscription: EventSubscription, delivery: SubscriptionDelivery
) -> SubscriptionDelivery:
    """Keep one attempt to tell a subscriber."""
    delivery.at = clock.now()
    delivery.subscription = subscription
    delivery.save()
    if delivery.delivered:
        subscription.last_notified_at = delivery.at
        subscription.save(update_fields=["last_notified_at"])
    return delivery
