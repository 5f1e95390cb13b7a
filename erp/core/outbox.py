"""The outbox: what leaves the system is written with the change and delivered after commit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from erp.core import clock
from erp.core.context import Context
from erp.core.models import OutboxMessage

Deliverer = Callable[[OutboxMessage], None]

MAX_ATTEMPTS = 8
LEASE = dt.timedelta(minutes=5)
_deliverers: dict[str, Deliverer] = {}
_nudges: list[Callable[[], None]] = []


def delivers(topic: str) -> Callable[[Deliverer], Deliverer]:
    """Register the decorated function as the idempotent deliverer of ``topic``."""

    def register(deliverer: Deliverer) -> Deliverer:
        _deliverers[topic] = deliverer
        return deliverer

    return register


def on_nudge(call: Callable[[], None]) -> None:
    """Register what wakes the delivery after a commit (the Celery task; done by erp.config)."""
    _nudges.append(call)


def put(ctx: Context, topic: str, key: str, payload: Mapping[str, Any]) -> None:
    """Add a message inside the present transaction; the same topic and key is added once."""
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                topic=topic,
                key=key,
                payload=dict(payload),
                operation_id=ctx.operation_id,
                not_before=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(_nudge)


def _nudge() -> None:
    for call in _nudges:
        call()


def deliver_next() -> bool:
    """Deliver the oldest waiting message; return whether there was one.

    A message is claimed with a lease before it is delivered and marked after: a killed worker
    leaves it to be taken again when the lease ends, which is why every deliverer is idempotent.
    """
    message = _claim()
    if message is None:
        return False
    try:
        _deliverers[message.topic](message)
    except Exception as error:
        _mark_failure(message, error)
    else:
        message.state = OutboxMessage.State.DELIVERED
        message.delivered_at = clock.now()
        message.last_error = ""
        message.save(update_fields=["state", "delivered_at", "last_error"])
    return True


def _claim() -> OutboxMessage | None:
    with transaction.atomic():
        waiting = OutboxMessage.objects.filter(state="waiting", not_before__lte=clock.now())
        message = waiting.select_for_update(skip_locked=True).order_by("not_before", "id").first()
        if message is not None:
            message.attempts += 1
            message.not_before = clock.now() + LEASE
            message.save(update_fields=["attempts", "not_before"])
        return message


def _mark_failure(message: OutboxMessage, error: Exception) -> None:
    message.last_error = f"{type(error).__name__}: {error}"[:2000]
    if message.attempts >= MAX_ATTEMPTS:
        message.state = OutboxMessage.State.FAILED
    message.not_before = clock.now() + dt.timedelta(seconds=2**message.attempts)
    message.save(update_fields=["state", "last_error", "not_before"])
