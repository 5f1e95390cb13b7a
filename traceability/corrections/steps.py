"""Writes of corrections. The lots are locked by the caller."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from erp.core import numbering
from erp.core.context import Context
from traceability.models import (
    CorrectiveEvent,
    ErrorDeclaration,
    EventInput,
    EventOutput,
    EventSubject,
    EventUnit,
    TraceEvent,
)
from traceability.trace.void import DID_NOT_OCCUR

CHUNK = 5000


def take_out(ctx: Context, events: Sequence[TraceEvent], note: str) -> dict[int, TraceEvent]:
    """Write, for each wrong event, the further one that takes it out of the chain; by its id.

    As in EPCIS the further event repeats the wrong one, its time included, and only its record time
    tells when the error became known. Its lots are only named: nothing flows by it.
    """
    written = TraceEvent.objects.bulk_create(
        [_against(ctx, event, note) for event in events], batch_size=CHUNK
    )
    by_wrong = {event.corrects_id or 0: event for event in written}
    EventSubject.objects.bulk_create(
        [
            EventSubject(event=by_wrong[event_id], lot_id=lot_id)
            for event_id, lot_id in sorted(_named(by_wrong))
        ],
        batch_size=CHUNK,
    )
    units = EventUnit.objects.filter(event__in=by_wrong).values_list("event_id", "unit_id")
    EventUnit.objects.bulk_create(
        [EventUnit(event=by_wrong[event_id], unit_id=unit_id) for event_id, unit_id in units]
    )
    return by_wrong


def _against(ctx: Context, wrong: TraceEvent, note: str) -> TraceEvent:
    return TraceEvent(
        kind=wrong.kind,
        action=wrong.action,
        biz_step=wrong.biz_step,
        disposition=DID_NOT_OCCUR,
        event_time=wrong.event_time,
        zone_offset=wrong.zone_offset,
        site_id=wrong.site_id,
        location_id=wrong.location_id,
        performed_by_id=ctx.actor.user_id,
        operation_id=ctx.operation_id,
        precision=wrong.precision,
        corrects=wrong,
        note=note,
    )


def _named(event_ids: Mapping[int, TraceEvent]) -> set[tuple[int, int]]:
    lines = (
        model.objects.filter(event__in=event_ids).values_list("event_id", "lot_id")
        for model in (EventInput, EventOutput, EventSubject)
    )
    return {pair for rows in lines for pair in rows}


def declare(ctx: Context, wrong: TraceEvent, event: TraceEvent, error: str) -> ErrorDeclaration:
    """Write the declaration itself: what is wrong, why, who says so."""
    return ErrorDeclaration.objects.create(
        number=numbering.take_one("EC"),
        wrong=wrong,
        event=event,
        error=error,
        explanation=ctx.reason,
        declared_by_id=ctx.actor.user_id,
    )


def name_correctives(declaration: ErrorDeclaration, event_ids: Collection[int]) -> None:
    """Say which events tell rightly what was told wrongly."""
    CorrectiveEvent.objects.bulk_create(
        [CorrectiveEvent(declaration=declaration, event_id=pk) for pk in sorted(event_ids)]
    )
