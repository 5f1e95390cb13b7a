"""Checks of what quality decided: inspections at receipt, and decisions behind a release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from quality.inspection.models import Inspection
from quality.release.models import LotRelease
from traceability.completeness.registry import Found, evidence_check, found_by, touched_lots
from traceability.ids import IdSet

# Units inside a lot are inspected with it.
NO_INSPECTION = """
    SELECT g.id, NULL::bigint, json_build_object('date', min(e.event_time)::date)
    FROM given g
    JOIN masterdata_item m ON m.id = g.item_id AND m.inspection_required
    JOIN traceability_eventoutput o ON o.lot_id = g.id
    JOIN traceability_traceevent e ON e.id = o.event_id AND e.biz_step = 'receiving'
        AND e.disposition <> 'returned'
    WHERE e.id NOT IN (SELECT id FROM void)
      AND NOT EXISTS (SELECT FROM quality_inspection i WHERE i.lot_id = g.id)
      AND NOT EXISTS (SELECT FROM quality_inspection i WHERE i.lot_id = g.batch_id)
    GROUP BY g.id"""

# A part of a decided lot follows that lot; a disposition is a decision, too.
NO_DECISION = """
    SELECT g.id, NULL::bigint, json_build_object()
    FROM given g
    JOIN masterdata_item m ON m.id = g.item_id
    WHERE g.state = 'released'
      AND (m.inspection_required OR m.kind = 'product')
      AND NOT EXISTS (SELECT FROM quality_lotrelease r
                      WHERE r.lot_id = g.id AND r.decision = 'released')
      AND NOT EXISTS (SELECT FROM quality_lotrelease r
                      WHERE r.lot_id = g.batch_id AND r.decision = 'released')
      AND NOT EXISTS (SELECT FROM quality_inspection i
                      WHERE i.lot_id = g.id AND i.state IN ('accepted', 'partly_accepted'))
      AND NOT EXISTS (SELECT FROM quality_inspection i
                      WHERE i.lot_id = g.batch_id AND i.state IN ('accepted', 'partly_accepted'))
      AND NOT EXISTS (SELECT FROM quality_deviationlot d
                      JOIN quality_deviation v ON v.id = d.deviation_id AND v.disposition <> ''
                      WHERE d.lot_id IN (g.id, g.batch_id))
      AND NOT EXISTS (SELECT FROM traceability_eventoutput o
                      JOIN traceability_eventinput x ON x.event_id = o.event_id
                      JOIN traceability_lot p ON p.id = x.lot_id AND p.item_id = g.item_id
                      WHERE o.lot_id = g.id)"""


@evidence_check(
    "received_without_inspection",
    title=_("Received without inspection"),
    wrong=_("It was received on %(date)s; its item is inspected at receipt, and it was not."),
    why=_("Nothing shows that it met its specification when it came in."),
    order=160,
)
def received_without_inspection(lots: IdSet) -> Iterable[Found]:
    """Received lots of items that are inspected at receipt, without any inspection."""
    return found_by(NO_INSPECTION, lots)


@evidence_check(
    "released_without_decision",
    title=_("Released without a decision"),
    wrong=_("Its state is released; nobody released it and no inspection accepted it."),
    why=_("The state was changed by something else than a decision of quality."),
    order=170,
)
def released_without_decision(lots: IdSet) -> Iterable[Found]:
    """Lots in the state released without a release or an accepted inspection behind it."""
    return found_by(NO_DECISION, lots)


@touched_lots("decisions")
def decided(since: dt.datetime) -> Iterable[int]:
    """Return the lots that were inspected or decided since."""
    yield from Inspection.history.model.objects.filter(history_date__gte=since).values_list(
        "lot_id", flat=True
    )
    yield from LotRelease.objects.filter(decided_at__gte=since).values_list("lot_id", flat=True)
