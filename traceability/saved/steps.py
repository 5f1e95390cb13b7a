"""Writes a saved trace: its rows are copied inside the database, whatever their number."""

# Statements are put together from constants; every value is a parameter.

from __future__ import annotations

from django.db import connection

from erp.core import clock, numbering
from erp.core.context import Context
from traceability.saved.content import digest
from traceability.saved.models import SavedTrace, SavedTraceSite
from traceability.trace.asked import Asked
from traceability.trace.export import gap_json
from traceability.trace.query import Trace
from traceability.trace.words import summary

NEXT_ID = "SELECT nextval(pg_get_serial_sequence('traceability_savedtrace', 'id'))"

LINKS = """
    INSERT INTO traceability_savedtracelink
        (saved_id, event_id, input_lot_id, output_lot_id, input_quantity, output_quantity)
    SELECT %(saved)s, k.event_id, k.input_id, k.output_id, k.input_quantity, k.output_quantity
    FROM ({links}) k (event_id, input_id, output_id, input_quantity, output_quantity)"""

# Why a lot is in: the link from the lot one step nearer, the earliest recorded of several.
LOTS = """
    , node AS MATERIALIZED (SELECT * FROM {nodes} r),
    step AS (
        SELECT k.output_lot_id AS far, k.input_lot_id AS near, k.event_id
        FROM traceability_savedtracelink k
        JOIN node a ON a.lot_id = k.input_lot_id JOIN node b ON b.lot_id = k.output_lot_id
        WHERE k.saved_id = %(saved)s AND b.level > 0 AND a.level = b.level - 1
        UNION ALL
        SELECT k.input_lot_id, k.output_lot_id, k.event_id
        FROM traceability_savedtracelink k
        JOIN node a ON a.lot_id = k.output_lot_id JOIN node b ON b.lot_id = k.input_lot_id
        WHERE k.saved_id = %(saved)s AND b.level < 0 AND a.level = b.level + 1),
    why AS (SELECT DISTINCT ON (far) far, near, event_id FROM step
            ORDER BY far, event_id NULLS LAST, near)
    INSERT INTO traceability_savedtracelot
        (saved_id, lot_id, level, whole, state, why_lot_id, why_event_id)
    SELECT %(saved)s, n.lot_id, n.level, n.whole, l.state, w.near, w.event_id
    FROM node n JOIN traceability_lot l ON l.id = n.lot_id
    LEFT JOIN why w ON w.far = n.lot_id"""

SITES = """
    SELECT DISTINCT l.site_id FROM traceability_savedtracelot s
    JOIN traceability_lot l ON l.id = s.lot_id WHERE s.saved_id = %s"""


def save(ctx: Context, question: Asked, trace: Trace, title: str) -> SavedTrace:
    """Keep the answer of a trace with its hash."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_ID)
        pk: int = cursor.fetchone()[0]
    trace.execute(LINKS.format(links=trace.shape.links()), saved=pk)
    trace.execute(LOTS.format(nodes=trace.shape.nodes), saved=pk)
    saved = _described(ctx, question, trace, title)
    saved.pk = pk
    saved.sha256 = digest(saved, pk)
    saved.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(SITES, [pk])
        sites = [row[0] for row in cursor.fetchall()]
    SavedTraceSite.objects.bulk_create([SavedTraceSite(saved=saved, site_id=s) for s in sites])
    return saved


def _described(ctx: Context, question: Asked, trace: Trace, title: str) -> SavedTrace:
    said, counts = summary(trace), trace.counts
    now = ctx.at or clock.now()
    return SavedTrace(
        number=numbering.take_one("TR"),
        title=(title.strip() or said.question)[:200],
        start=list(question.tokens),
        direction=trace.direction,
        since=question.since,
        until=question.until,
        depth=trace.depth,
        known_at=trace.as_known_at or clock.now(),
        question=said.question,
        answer=said.answer,
        complete=trace.complete,
        gaps=[gap_json(gap) for gap in trace.gaps],
        lots=counts.lots,
        units=counts.units,
        links=counts.links,
        saved_by_id=ctx.actor.user_id,
        saved_at=now,
    )
