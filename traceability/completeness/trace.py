"""What missing evidence tells a trace: a mark on its lots, a phrase of the answer, the repairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from erp.core.errors import Text
from traceability.completeness.models import Finding, Repair
from traceability.completeness.states import FindingState
from traceability.ids import id_array
from traceability.origins import FacetRow, facet, mark, tally

Ids = Collection[int]


_OPEN = """
    SELECT lot_id FROM traceability_finding WHERE state = %s AND lot_id = ANY(%s::bigint[])"""


@mark("evidence_missing", label=_("evidence missing"), tone="waiting")
def missing(lot_ids: Ids) -> Ids:
    """Return the lots with an open finding."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [FindingState.OPEN, id_array(lot_ids)])
        return {lot_id for (lot_id,) in cursor.fetchall()}


@tally("evidence_missing", order=95, remark=True)
def lots_with_findings(event_ids: Ids, lot_ids: Ids) -> Text:
    """Say how many of the lots have missing evidence: the chain may be longer than it looks."""
    rows = Finding.objects.open().filter(lot__in=lot_ids)
    count = rows.values("lot").distinct().count()
    if not count:
        return ""
    said = ngettext(
        "evidence is missing on %(n)s of them", "evidence is missing on %(n)s of them", count
    )
    return said % {"n": count}


@facet("repairs", title=_("Recorded afterwards"), order=80)
def repairs(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return the events of the trace that were recorded to mend a gap, with their source."""
    rows = Repair.objects.filter(event__in=event_ids).select_related("finding__lot", "event")
    return [
        FacetRow(
            label=f"{repair.finding.number} {repair.get_kind_display()}",
            url=f"/evidence-findings/{repair.finding_id}/",
            detail=repair.source,
            lot_ids=(repair.finding.lot_id,),
            at=repair.event.record_time,
        )
        for repair in rows.order_by("pk")
    ]
