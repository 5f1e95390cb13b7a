"""What Celery runs: nothing but calls of the outbox and of operations."""

from __future__ import annotations

from celery import shared_task

from erp.core import outbox
from traceability.completeness import delivery as completeness
from traceability.epcis import delivery as epcis

BATCH = 50


@shared_task(name="proofline.deliver", ignore_result=True)
def deliver() -> None:
    """Deliver waiting messages until there are none; a long queue is continued by the next run."""
    for _ in range(BATCH):
        if not outbox.deliver_next():
            return
    deliver.delay()


@shared_task(name="proofline.check_evidence", ignore_result=True)
def check_evidence() -> None:
    """Ask for the nightly evidence check; the outbox carries it out."""
    completeness.request_nightly()


@shared_task(name="proofline.publish_events", ignore_result=True)
def publish_events() -> None:
    """Make what was recorded since the last time available to partners."""
    epcis.publish()


@shared_task(name="proofline.run_subscriptions", ignore_result=True)
def run_subscriptions() -> None:
    """Tell subscribers whose time has come."""
    epcis.run_timetables()


def nudge() -> None:
    """Wake the delivery after a commit; if the broker is away, beat does it within a minute."""
    try:
        deliver.delay()
    except deliver.OperationalError:
        return


outbox.on_nudge(nudge)
