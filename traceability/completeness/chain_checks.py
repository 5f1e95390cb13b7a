"""Checks of the chain itself: where lots come from, what went into them, in which order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection
from django.utils.translation import gettext_lazy as _

from traceability.completeness.registry import (
    Found,
    evidence_check,
    found_by,
    touched_lots,
)
from traceability.ids import IdSet
from traceability.models import Lot

ORIGIN = "traceability.record_missing_origin"
MATERIAL = "traceability.record_missing_material"

# What is recorded of a lot as made holds for its units; a lot is made with its first unit. What a
# customer sends back came into being before.
ORIGINS = """
    , origin AS MATERIALIZED (
        SELECT x.lot_id, x.event_id, e.event_time, e.biz_step,
               x.event_id IN (SELECT id FROM void) AS void
        FROM (SELECT g.id AS lot_id, o.event_id FROM given g
              JOIN traceability_eventoutput o ON o.lot_id = g.id
              UNION ALL
              SELECT g.id, o.event_id FROM given g
              JOIN traceability_eventoutput o ON o.lot_id = g.batch_id
              UNION ALL
              SELECT g.id, o.event_id FROM given g
              JOIN traceability_lot u ON u.batch_id = g.id
              JOIN traceability_eventoutput o ON o.lot_id = u.id) x
        JOIN traceability_traceevent e ON e.id = x.event_id AND e.disposition <> 'returned')
    , used AS MATERIALIZED (
        SELECT i.lot_id, min(e.event_time) AS first, sum(i.quantity) AS quantity
        FROM given g JOIN traceability_eventinput i ON i.lot_id = g.id
        JOIN traceability_traceevent e ON e.id = i.event_id
        WHERE i.event_id NOT IN (SELECT id FROM void) GROUP BY i.lot_id)
"""

DANGLING = """
    SELECT u.lot_id, NULL::bigint,
           json_build_object('quantity', trim_scale(u.quantity), 'first', u.first::date)
    FROM used u WHERE NOT EXISTS (SELECT FROM origin o WHERE o.lot_id = u.lot_id)"""

UNMADE_UNIT = """
    SELECT g.id, NULL::bigint, json_build_object('recorded', g.created_at::date)
    FROM given g
    WHERE g.kind = 'serial' AND NOT EXISTS (SELECT FROM origin o WHERE o.lot_id = g.id)
      AND NOT EXISTS (SELECT FROM used u WHERE u.lot_id = g.id)"""

MADE_BY_VOID = """
    SELECT u.lot_id, NULL::bigint,
           json_build_object('event', max(o.event_id), 'first', min(u.first)::date)
    FROM used u JOIN origin o ON o.lot_id = u.lot_id
    GROUP BY u.lot_id HAVING bool_and(o.void)"""

USED_TOO_EARLY = """
    SELECT u.lot_id, NULL::bigint,
           json_build_object('used', to_char(u.first AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
               'made', to_char(min(o.event_time) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'))
    FROM used u JOIN origin o ON o.lot_id = u.lot_id AND NOT o.void
    GROUP BY u.lot_id, u.first HAVING min(o.event_time) > u.first"""

# Only the lot's own makings, and those of the lot a unit belongs to: a lot of units is told by
# its units.
NO_MATERIAL = """
    SELECT g.id, NULL::bigint, json_build_object('made', min(o.event_time)::date)
    FROM given g
    JOIN origin o ON o.lot_id = g.id AND NOT o.void
    WHERE (g.kind = 'serial' OR EXISTS (
              SELECT FROM traceability_eventoutput x
              WHERE x.event_id = o.event_id AND x.lot_id = g.id))
      AND EXISTS (
          SELECT FROM masterdata_bomline b
          JOIN masterdata_itemrevision r ON r.id = b.revision_id
          JOIN masterdata_item c ON c.id = b.component_id AND c.tracking <> 'none'
          WHERE r.id = g.revision_id
             OR (g.revision_id IS NULL AND r.item_id = g.item_id AND r.state = 'effective'))
    GROUP BY g.id
    HAVING bool_and(o.biz_step <> 'receiving') AND NOT bool_or(EXISTS (
        SELECT FROM traceability_eventinput i WHERE i.event_id = o.event_id))"""

TOLD_TOO_EARLY = """
    SELECT x.lot_id, x.event_id, json_build_object(
        'happened', to_char(e.event_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
        'recorded', to_char(e.record_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'))
    FROM (SELECT i.lot_id, i.event_id FROM traceability_eventinput i
          JOIN given g ON g.id = i.lot_id
          UNION
          SELECT o.lot_id, o.event_id FROM traceability_eventoutput o
          JOIN given g ON g.id = o.lot_id
          UNION
          SELECT s.lot_id, s.event_id FROM traceability_eventsubject s
          JOIN given g ON g.id = s.lot_id) x
    JOIN traceability_traceevent e ON e.id = x.event_id
    WHERE e.event_time > e.record_time + interval '5 minutes'
      AND e.id NOT IN (SELECT id FROM void)"""


@evidence_check(
    "used_without_origin",
    title=_("Used, but never received or made"),
    wrong=_("%(quantity)s of it were used from %(first)s on; no event says where it came from."),
    why=_("A trace back ends here: supplier, certificate and inspection cannot be shown."),
    order=10,
    repairs=(ORIGIN,),
)
def used_without_origin(lots: IdSet) -> Iterable[Found]:
    """Lots that went into something although nothing says how they came into being."""
    return found_by(ORIGINS + DANGLING, lots)


@evidence_check(
    "unit_without_making",
    title=_("Unit without an event that made it"),
    wrong=_("The unit was recorded on %(recorded)s; no event made it or the lot it belongs to."),
    why=_("A number without a making may be a counterfeit or a slip; nothing shows what it is."),
    order=20,
    repairs=(ORIGIN,),
)
def unit_without_making(lots: IdSet) -> Iterable[Found]:
    """Units that exist only as a record."""
    return found_by(ORIGINS + UNMADE_UNIT, lots)


@evidence_check(
    "made_by_void_event",
    title=_("Used although its making did not happen"),
    wrong=_(
        "Event #%(event)s, which made it, was declared not to have happened; it was used from"
        " %(first)s on all the same."
    ),
    why=_("What was made of it rests on something that was not there."),
    order=30,
    repairs=(ORIGIN,),
)
def made_by_void_event(lots: IdSet) -> Iterable[Found]:
    """Lots whose every making is void and that were used nevertheless."""
    return found_by(ORIGINS + MADE_BY_VOID, lots)


@evidence_check(
    "used_before_made",
    title=_("Used before it came into being"),
    wrong=_("It was used at %(used)s UTC and received or made only at %(made)s UTC."),
    why=_("One of the two times is wrong, or the wrong lot was named."),
    order=40,
)
def used_before_made(lots: IdSet) -> Iterable[Found]:
    """Lots that went into something before their first making."""
    return found_by(ORIGINS + USED_TOO_EARLY, lots)


@evidence_check(
    "recorded_before_happening",
    title=_("Recorded before it happened"),
    wrong=_("An event is told for %(happened)s UTC and was recorded at %(recorded)s UTC already."),
    why=_("A record made beforehand proves nothing: records are made at the time of the work."),
    order=50,
)
def recorded_before_happening(lots: IdSet) -> Iterable[Found]:
    """Events told for a time after their recording; five minutes of clock difference are none."""
    return found_by(TOLD_TOO_EARLY, lots)


@evidence_check(
    "made_without_material",
    title=_("Made of nothing"),
    wrong=_("It was made on %(made)s; its bill of material names components, no event does."),
    why=_("A recall of a component lot would miss it."),
    order=60,
    repairs=(MATERIAL,),
)
def made_without_material(lots: IdSet) -> Iterable[Found]:
    """Made lots and units without any input, although their bill of material has components."""
    return found_by(ORIGINS + NO_MATERIAL, lots)


@touched_lots("events")
def in_events(since: dt.datetime) -> Iterable[int]:
    """Return the lots of events recorded since, and of events corrected since."""
    statement = """
        WITH fresh AS (
            SELECT id FROM traceability_traceevent WHERE record_time >= %(since)s
            UNION SELECT corrects_id FROM traceability_traceevent
            WHERE record_time >= %(since)s AND corrects_id IS NOT NULL)
        SELECT i.lot_id FROM traceability_eventinput i JOIN fresh f ON f.id = i.event_id
        UNION SELECT o.lot_id FROM traceability_eventoutput o JOIN fresh f ON f.id = o.event_id
        UNION SELECT s.lot_id FROM traceability_eventsubject s JOIN fresh f ON f.id = s.event_id"""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"since": since})
        return [row[0] for row in cursor.fetchall()]


@touched_lots("lots")
def changed(since: dt.datetime) -> Iterable[int]:
    """Return the lots that were recorded or changed since."""
    rows = Lot.history.model.objects.filter(history_date__gte=since)
    found: Iterable[int] = rows.values_list("id", flat=True).distinct()
    return found
