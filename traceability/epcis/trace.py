"""What a trace knows of the exchange: where events came from, and captures to start from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from traceability.epcis.models import CaptureJob, EpcisLink
from traceability.models import TraceEvent
from traceability.origins import FacetRow, facet, origin, within

Ids = Collection[int]
When = dt.datetime | None


@origin("capture", label=_("capture"), model="traceability.CaptureJob", period=False)
def captured_events(ids: Ids, since: When, until: When) -> QuerySet[TraceEvent]:
    """Return what partners told in these documents."""
    links = EpcisLink.objects.filter(event__job__in=ids)
    return within(TraceEvent.objects.filter(pk__in=links.values("trace_event_id")), since, until)


@facet("captures", title=_("Told by partners"), order=65)
def captures(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return the captures whose events are in the trace: what is known by others' word only."""
    links = EpcisLink.objects.filter(trace_event__in=event_ids, event__job__isnull=False)
    counted = {
        row["event__job"]: (row["n"], row["last"])
        for row in links.values("event__job")
        .annotate(n=Count("event"), last=Max("event__event_time"))
        .order_by("event__job")
    }
    jobs = CaptureJob.objects.filter(pk__in=counted).select_related("partner", "captured_by")
    return [
        FacetRow(
            label=f"{job.number} {job.partner.name if job.partner else job.captured_by.name}",
            url=f"/captures/{job.pk}/",
            detail=ngettext("%(n)s event", "%(n)s events", counted[job.pk][0])
            % {"n": counted[job.pk][0]},
            at=counted[job.pk][1],
        )
        for job in jobs.order_by("pk")
    ]
