"""What the exchange does in the background: capture documents, tell subscribers, publish."""

from __future__ import annotations

import json

from erp.core import clock, outbox
from erp.core.models import OutboxMessage
from traceability.epcis import answers, schedule, webhook
from traceability.epcis.models import CaptureJob, EventSubscription
from traceability.epcis.operations import capturing, publishing, subscribing
from traceability.epcis.queries import events_matched, unpublished
from traceability.epcis.service import service_context
from traceability.epcis.states import CaptureState, SubscriptionState
from traceability.epcis.steps.telling import TOPIC as TELL

BLOCKS = 50


class NotTaken(Exception):
    """A subscriber did not take what was sent; it is sent again later."""


@outbox.delivers(capturing.TOPIC)
def capture(message: OutboxMessage) -> None:
    """Carry out a capture. A finished one is left alone: a repeated delivery does nothing."""
    job = CaptureJob.objects.get(pk=message.payload["job"])
    if job.state != CaptureState.WAITING:
        return
    try:
        capturing.capture_events(service_context(), job_id=job.pk)
    except Exception as error:
        if message.attempts >= outbox.MAX_ATTEMPTS:
            said = f"{type(error).__name__}: {error}"[:2000]
            capturing.fail_capture(service_context(), job_id=job.pk, error=said)
        raise


@outbox.delivers(TELL)
def tell(message: OutboxMessage) -> None:
    """Send a subscriber what was found; attempts are on record, and a failed one is repeated."""
    after, upto = message.payload["after"], message.payload["upto"]
    rows = EventSubscription.objects.select_related("query")
    subscription = rows.get(pk=message.payload["subscription"])
    if subscription.state != SubscriptionState.ACTIVE:
        return
    events = list(events_matched(subscription.pk, after, upto))
    document = answers.query_document(
        events,
        name=subscription.query.name,
        epc_format=subscription.epc_format,
        subscription=subscription.number,
    )
    body = json.dumps(document, ensure_ascii=False).encode()
    answer = webhook.tell(subscription.dest, body, subscription.password)
    subscribing.note_event_delivery(
        service_context(),
        subscription_id=subscription.pk,
        after=after,
        upto=upto,
        count=len(events),
        status=answer.status,
        delivered=answer.taken,
        error=answer.error,
    )
    if not answer.taken:
        raise NotTaken(answer.error or str(answer.status))


def publish() -> int:
    """Publish what is new of ours; return how many events."""
    count = 0
    if not unpublished(1):
        return count
    for _ in range(BLOCKS):
        done = publishing.publish_events(service_context())
        count += done.count
        if not done.more:
            break
    return count


def run_timetables() -> None:
    """Run every subscription whose time has come since it ran last."""
    now = clock.now()
    rows = EventSubscription.objects.filter(state=SubscriptionState.ACTIVE, stream=False)
    for subscription in rows.order_by("pk"):
        since = subscription.last_run_at or subscription.created_at
        if schedule.is_due(schedule.read(subscription.schedule), since, now):
            subscribing.run_event_subscription(service_context(), subscription_id=subscription.pk)
