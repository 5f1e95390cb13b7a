"""Row locks of the exchange: a capture while it is carried out, a query, a subscription."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.locking import lock, lock_one
from traceability.epcis.models import CaptureJob, EventQuery, EventSubscription
from traceability.epcis.states import SubscriptionState


def lock_job(ctx: Context, job_id: int) -> CaptureJob:
    """Lock one capture: two workers that take it up wait for each other."""
    rows = CaptureJob.objects.select_related("site", "partner", "captured_by")
    found: CaptureJob = lock_one(ctx, rows, job_id)
    return found


def lock_query(ctx: Context, query_id: int) -> EventQuery:
    """Lock one named query."""
    return lock_one(ctx, EventQuery.objects.all(), query_id)


def lock_subscription(ctx: Context, subscription_id: int) -> EventSubscription:
    """Lock one subscription."""
    rows = EventSubscription.objects.select_related("query", "subscribed_by")
    return lock_one(ctx, rows, subscription_id)


def lock_subscriptions_of(ctx: Context, query_id: int) -> list[EventSubscription]:
    """Lock every subscription to a query."""
    return lock(ctx, EventSubscription.objects.filter(query_id=query_id))


def lock_active_subscriptions(ctx: Context) -> list[EventSubscription]:
    """Lock every subscription that is served."""
    rows = EventSubscription.objects.filter(state=SubscriptionState.ACTIVE)
    return lock(ctx, rows.select_related("query", "subscribed_by"))
