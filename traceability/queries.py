"""Reads of lots and their events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Min

from erp.masterdata.models import Unit
from traceability.models import EventOutput, Lot, uncorrected


def first_seen(lot_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return when each of these lots came into being: its earliest making that stands."""
    made = EventOutput.objects.filter(uncorrected(), lot_id__in=lot_ids)
    rows = made.order_by().values_list("lot_id").annotate(first=Min("event__event_time"))
    return dict(rows)


def units_of(lot_ids: Collection[int]) -> dict[int, str]:
    """Return in which unit each of these lots is counted or measured, as people write it."""
    rows = Lot.objects.filter(pk__in=lot_ids).order_by().values_list("pk", "item__unit")
    return {pk: str(Unit(unit).label) for pk, unit in rows}
