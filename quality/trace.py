"""What a trace knows of quality: where it may start, and what was found on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import connection
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from quality.inspection.models import Inspection
from quality.nonconformity.models import Deviation, DeviationLot
from quality.nonconformity.states import DeviationState
from traceability.ids import id_array
from traceability.origins import FacetRow, facet, lot_origin, mark

Ids = Collection[int]
Moment = dt.datetime | None


@lot_origin("deviation", label=_("deviation"), model="quality.Deviation")
def lots_of_deviations(ids: Ids, since: Moment, until: Moment) -> Collection[int]:
    """Return the lots these deviations name."""
    links = DeviationLot.objects.filter(deviation_id__in=ids)
    return list(links.values_list("lot_id", flat=True).distinct())


@lot_origin("inspection", label=_("inspection"), model="quality.Inspection")
def lots_of_inspections(ids: Ids, since: Moment, until: Moment) -> Collection[int]:
    """Return the lots these inspections judged."""
    rows = Inspection.objects.filter(pk__in=ids)
    return list(rows.values_list("lot_id", flat=True).distinct())


@facet("inspections", title=_("Inspections"), order=60)
def inspections(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return the inspections of the lots of a trace."""
    rows = Inspection.objects.filter(lot_id__in=lot_ids).select_related("lot")
    return [
        FacetRow(
            label=i.number,
            url=f"/inspections/{i.pk}/",
            detail=_now("%(lot)s, %(stage)s: %(state)s")
            % {
                "lot": i.lot.number,
                "stage": i.get_stage_display(),
                "state": i.get_state_display(),
            },
            lot_ids=(i.lot_id,),
            at=i.decided_at or i.opened_at,
        )
        for i in rows.order_by("number")
    ]


@facet("deviations", title=_("Deviations"), order=70)
def deviations(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return the deviations that name a lot of a trace."""
    concerned: dict[int, list[int]] = {}
    links = DeviationLot.objects.filter(lot_id__in=lot_ids)
    for deviation_id, lot_id in links.order_by("pk").values_list("deviation_id", "lot_id"):
        concerned.setdefault(deviation_id, []).append(lot_id)
    rows = Deviation.objects.filter(pk__in=concerned).order_by("number")
    return [
        FacetRow(
            label=d.number,
            url=f"/deviations/{d.pk}/",
            detail=_now("%(title)s: %(state)s")
            % {"title": d.title, "state": d.get_state_display()},
            lot_ids=tuple(concerned[d.pk]),
            at=d.detected_at,
        )
        for d in rows
    ]


_STANDING = """
    SELECT DISTINCT x.lot_id FROM quality_deviation d
    JOIN quality_deviationlot x ON x.deviation_id = d.id
    WHERE d.state <> %s AND x.lot_id = ANY(%s::bigint[])"""


@mark("deviation", label=_("deviation open"))
def under_deviation(lot_ids: Ids) -> Collection[int]:
    """Return those of these lots that an open deviation names."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [DeviationState.CLOSED, id_array(lot_ids)])
        return {lot_id for (lot_id,) in cursor.fetchall()}
