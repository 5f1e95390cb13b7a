"""Reads of corrections."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.db.models import Exists, OuterRef

from traceability.ids import id_array
from traceability.models import EventInput, EventOutput, EventSubject, Lot, TraceEvent, uncorrected


def never_made(lot_ids: Collection[int]) -> frozenset[int]:
    """Return the lots whose every making was declared wrong: the number is there, no goods are.

    A lot that came as units was made by their making, and by none of its own.
    """
    lot_ids = _made_wrongly(lot_ids)
    if not lot_ids:
        return frozenset()
    made = EventOutput.objects.filter(lot=OuterRef("pk"))
    standing = made.filter(uncorrected())
    lots = Lot.objects.filter(Exists(made), ~Exists(standing), pk__in=lot_ids)
    units = Lot.objects.filter(batch=OuterRef("pk"))
    there = units.filter(Exists(standing) | ~Exists(made))
    bare = Lot.objects.filter(Exists(units), ~Exists(made), ~Exists(there), pk__in=lot_ids)
    return frozenset(lots.values_list("pk", flat=True)) | frozenset(
        bare.values_list("pk", flat=True)
    )


# From the declarations, which are few, to the lots. Plain SQL, for a trace asks it each time.
_MADE_WRONGLY = """
    WITH asked AS MATERIALIZED (SELECT unnest(%s::bigint[]) AS lot_id),
    wrong AS MATERIALIZED (
        SELECT l.id, l.batch_id FROM traceability_traceevent c
        JOIN traceability_eventoutput o ON o.event_id = c.corrects_id
        JOIN traceability_lot l ON l.id = o.lot_id WHERE c.corrects_id IS NOT NULL)
    SELECT id FROM wrong WHERE id IN (SELECT lot_id FROM asked)
    UNION SELECT batch_id FROM wrong WHERE batch_id IN (SELECT lot_id FROM asked)"""


def _made_wrongly(lot_ids: Collection[int]) -> frozenset[int]:
    """Return those of these lots of which a making, or that of a unit, was declared wrong."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE_WRONGLY, [id_array(lot_ids)])
        return frozenset(lot_id for (lot_id,) in cursor.fetchall())


def decided_before(lot_ids: Collection[int], operation_id: object) -> dict[int, str]:
    """Return the state each lot had before an operation changed it, told by its history.

    Only lots whose state nobody changed since: a later decision stands.
    """
    rows = Lot.history.filter(id__in=lot_ids).order_by("id", "history_date", "history_id")
    before: dict[int, str] = {}
    last: dict[int, str] = {}
    for lot_id, state, operation in rows.values_list("id", "state", "history_operation_id"):
        known = last.get(lot_id)
        if known is not None and state != known:
            before.pop(lot_id, None)
            if operation == operation_id:
                before[lot_id] = known
        last[lot_id] = state
    return before


def lots_of(events: Collection[TraceEvent]) -> frozenset[int]:
    """Return the lots that any line of these events names."""
    pks = [event.pk for event in events]
    inputs = EventInput.objects.filter(event__in=pks).values_list("lot_id")
    outputs = EventOutput.objects.filter(event__in=pks).values_list("lot_id")
    subjects = EventSubject.objects.filter(event__in=pks).values_list("lot_id")
    return frozenset(pk for (pk,) in inputs.union(outputs, subjects))
