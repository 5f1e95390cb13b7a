"""Writes made inside operations: instruments, calibrations, uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction

from equipment.errors import CodeTaken
from equipment.events import CalibrationOutOfTolerance
from equipment.models import Calibration, CalibrationPoint, Instrument, InstrumentUse
from equipment.queries import last_good_before
from equipment.states import INSTRUMENT
from erp.core.context import Context
from traceability.models import TraceEvent

CHUNK = 5000


def add_instrument(instrument: Instrument) -> Instrument:
    """Write a new instrument, or raise ``CodeTaken``; of two at once one wins."""
    try:
        with transaction.atomic():
            instrument.save(force_insert=True)
    except IntegrityError as error:
        if not Instrument.objects.filter(code=instrument.code).exists():
            raise
        raise CodeTaken(instrument=instrument.code) from error
    return instrument


def change_state(instrument: Instrument, verb: str) -> Instrument:
    """Take a locked instrument along one step of its state table."""
    instrument.state = INSTRUMENT.next(instrument.state, verb)  # type: ignore[arg-type]
    instrument.save(update_fields=["state"])
    return instrument


def add_calibration(
    ctx: Context, calibration: Calibration, points: Sequence[CalibrationPoint]
) -> Calibration:
    """Write a calibration with its points; tell the higher apps at once when it was found out."""
    since = last_good_before(calibration.instrument_id, calibration.performed_at)
    calibration.save(force_insert=True)
    CalibrationPoint.objects.bulk_create(points, batch_size=CHUNK)
    if calibration.as_found == Calibration.AsFound.OUT:
        ctx.emit(
            CalibrationOutOfTolerance(
                instrument_id=calibration.instrument_id,
                calibration_id=calibration.pk,
                since=since.performed_at if since else None,
                until=calibration.performed_at,
            )
        )
    return calibration


def note_use(ctx: Context, event: TraceEvent, instrument_ids: Iterable[int]) -> None:
    """Record which instruments an event used; the caller has asked the gate "instrument.use"."""
    note_uses(ctx, [event], instrument_ids)


def note_uses(ctx: Context, events: Sequence[TraceEvent], instrument_ids: Iterable[int]) -> None:
    """Record the instruments that each of many events used, in one statement."""
    ids = sorted(set(instrument_ids))
    rows = [InstrumentUse(event=event, instrument_id=pk) for event in events for pk in ids]
    InstrumentUse.objects.bulk_create(rows, batch_size=CHUNK)
