"""Events that did not happen: declared so by a further event (EPCIS error declaration).

A declaration is final. What was declared in error by mistake is recorded again as a new event, so
nothing has to follow chains of declarations.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from traceability.models import TraceEvent

DID_NOT_OCCUR = "did_not_occur"

VOID_SQL = f"""
    SELECT c.corrects_id AS id FROM traceability_traceevent c
    WHERE c.corrects_id IS NOT NULL
      AND (c.disposition = '{DID_NOT_OCCUR}' OR c.note = '{DID_NOT_OCCUR}')
      AND (%(at)s::timestamptz IS NULL OR c.record_time <= %(at)s)
      AND NOT %(void_too)s
"""  # noqa: S608 - a constant, no input


def declarations(as_known_at: dt.datetime | None = None) -> QuerySet[TraceEvent]:
    """Return the events that declare another one not to have happened, as known at that time."""
    said = Q(disposition=DID_NOT_OCCUR) | Q(note=DID_NOT_OCCUR)
    rows = TraceEvent.objects.filter(said, corrects__isnull=False)
    return rows.filter(record_time__lte=as_known_at) if as_known_at else rows


def not_void(
    events: QuerySet[TraceEvent], as_known_at: dt.datetime | None = None
) -> QuerySet[TraceEvent]:
    """Keep the events that happened, as known at that time."""
    if as_known_at:
        events = events.filter(record_time__lte=as_known_at)
    return events.exclude(Exists(declarations(as_known_at).filter(corrects=OuterRef("pk"))))
