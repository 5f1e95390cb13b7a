"""Reads of lots and their events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Min

from traceability.models import EventOutput, uncorrected


def first_seen(lot_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return when each of these lots came into being: its earliest making that stands."""
    made = EventOutput.objects.filter(uncorrected(), lot_id__in=lot_ids)
    rows = made.order_by().values_list("lot_id").annotate(first=Min("event__event_time"))
    return dict(rows)
