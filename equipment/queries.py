"""Reads of instruments, calibrations and uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Min, Model

from equipment.models import Calibration, Instrument, InstrumentUse
from traceability.models import EventInput, EventOutput, EventSubject, Lot

EVENT_LINES: tuple[type[Model], ...] = (EventSubject, EventOutput, EventInput)


@dataclass(frozen=True, slots=True)
class UsedInstrument:
    """An instrument that an event used, with the calibration it then relied on."""

    event_id: int
    instrument: Instrument
    calibration: Calibration | None


@dataclass(frozen=True, slots=True)
class Touched:
    """How many lots an event touched, and one of them by name."""

    count: int
    lot: Lot


def latest_calibrations(instrument_ids: Iterable[int]) -> dict[int, Calibration]:
    """Return the latest calibration of each of these instruments that has one."""
    found = Calibration.objects.latest_of(set(instrument_ids))
    return {calibration.instrument_id: calibration for calibration in found}


def last_good_before(instrument_id: int, moment: dt.datetime) -> Calibration | None:
    """Return the last calibration before ``moment`` that left the instrument fit for use."""
    passed = Calibration.objects.filter(
        instrument_id=instrument_id, verdict=Calibration.Verdict.PASS, performed_at__lt=moment
    )
    return passed.newest_first().first()


def instruments_used(event_ids: Collection[int]) -> dict[int, list[UsedInstrument]]:
    """Return, for each of these events that used instruments, which ones and how calibrated.

    Two queries whatever the number of events.
    """
    uses = list(
        InstrumentUse.objects.filter(event_id__in=event_ids)
        .with_calibration()
        .select_related("instrument")
        .order_by("event_id", "instrument__code")
    )
    relied_on = Calibration.objects.in_bulk(
        {use.calibration_id for use in uses if use.calibration_id}
    )
    found: dict[int, list[UsedInstrument]] = {}
    for use in uses:
        calibration = relied_on.get(use.calibration_id or 0)
        used = UsedInstrument(use.event_id, use.instrument, calibration)
        found.setdefault(use.event_id, []).append(used)
    return found


def measured(lot: Lot) -> set[int]:
    """Return the events that used an instrument on a lot, or on the lot a unit belongs to."""
    pks = {lot.pk, lot.batch_id} - {None}
    found: set[int] = set()
    for lines in EVENT_LINES:
        used = lines._default_manager.filter(lot_id__in=pks, event__instrument_uses__isnull=False)
        found.update(used.order_by().values_list("event_id", flat=True).distinct())
    return found


def lots_touched(event_ids: Collection[int]) -> Mapping[int, Touched]:
    """Return for each event how many lots it touched and the first of them; four queries."""
    counts: dict[int, int] = {}
    firsts: dict[int, int] = {}
    for lines in EVENT_LINES:
        rows = lines._default_manager.filter(event_id__in=event_ids).values("event_id")
        for row in rows.annotate(n=Count("lot_id"), first=Min("lot_id")):
            counts[row["event_id"]] = counts.get(row["event_id"], 0) + row["n"]
            firsts.setdefault(row["event_id"], row["first"])
    lots = Lot.objects.select_related("item").in_bulk(set(firsts.values()))
    return {pk: Touched(counts[pk], lots[first]) for pk, first in firsts.items()}
