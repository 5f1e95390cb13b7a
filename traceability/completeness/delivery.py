"""Carries out checks in the background, and asks for one every night."""

from __future__ import annotations

from django.utils import timezone

from erp.accounts.models import User
from erp.accounts.queries import actor_for
from erp.core import clock, outbox
from erp.core.context import Channel, Context
from erp.core.errors import Busy
from erp.core.models import OutboxMessage
from traceability.completeness import queries
from traceability.completeness.models import CheckRun
from traceability.completeness.operations import (
    TOPIC,
    carry_out_check,
    check_evidence,
    fail_check,
)
from traceability.completeness.states import RunState

SERVICE = "evidence-checker"


@outbox.delivers(TOPIC)
def deliver(message: OutboxMessage) -> None:
    """Carry out one check. One that ended is left alone: a repeated delivery does nothing."""
    run = CheckRun.objects.get(pk=message.payload["run"])
    if run.state != RunState.QUEUED:
        return
    try:
        carry_out_check(_service(), run_id=run.pk)
    except Busy:
        raise
    except Exception as error:
        if message.attempts >= outbox.MAX_ATTEMPTS:
            fail_check(_service(), run_id=run.pk, error=f"{type(error).__name__}: {error}"[:2000])
        raise


def request_nightly() -> CheckRun:
    """Ask for tonight's check, once however often this is called: everything once a week."""
    now = clock.now()
    asked = CheckRun.objects.filter(
        requested_by__username=SERVICE, requested_at__date=timezone.localdate(now)
    ).first()
    if asked is not None:
        return asked
    # Two schedulers may ask in the same moment; the key lets one of them through.
    ctx = _service(idempotency_key=f"nightly-evidence-check-{timezone.localdate(now)}")
    kept: CheckRun = check_evidence(ctx, full=queries.full_is_due(now))
    return kept


def _service(idempotency_key: str | None = None) -> Context:
    user = User.objects.get(username=SERVICE)
    return Context(actor=actor_for(user), channel=Channel.TASK, idempotency_key=idempotency_key)
