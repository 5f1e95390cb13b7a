"""Where a trace may start that needs no higher app: lots, suppliers' lots, people, places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from traceability import trace_figures  # noqa: F401 - registers the columns of the mass balance
from traceability.models import TraceEvent
from traceability.origins import FacetRow, facet, lot_origin, origin, within

Ids = Collection[int]
When = dt.datetime | None


@lot_origin("lot", label=_("lot or unit"), model="traceability.Lot", key="number")
def lots(ids: Ids, since: When, until: When) -> Ids:
    """Return the lots themselves."""
    return ids


@lot_origin(
    "supplier-lot",
    label=_("supplier's lot"),
    model="traceability.Lot",
    key="supplier_lot",
    by_id=False,
)
def supplier_lots(ids: Ids, since: When, until: When) -> Ids:
    """Return our lots that bear this number of a supplier."""
    return ids


@origin("person", label=_("person"), model="accounts.User", key="username")
def person_events(ids: Ids, since: When, until: When) -> QuerySet[TraceEvent]:
    """Return what these people did."""
    return within(TraceEvent.objects.filter(performed_by__in=ids), since, until)


@origin("location", label=_("location"), model="masterdata.Location", key="code")
def location_events(ids: Ids, since: When, until: When) -> QuerySet[TraceEvent]:
    """Return what happened at these places."""
    return within(TraceEvent.objects.filter(location__in=ids), since, until)


@origin("event", label=_("trace event"), model="traceability.TraceEvent", period=False)
def events(ids: Ids, since: When, until: When) -> QuerySet[TraceEvent]:
    """Return the events themselves."""
    return TraceEvent.objects.filter(pk__in=ids)


@facet("people", title=_("People"), order=60)
def people(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return who did the events of the trace, and how many each."""
    done = (
        TraceEvent.objects.filter(pk__in=event_ids)
        .values("performed_by_id", "performed_by__name", "performed_by__username")
        .annotate(count=Count("pk"), last=Max("event_time"))
        .order_by("performed_by__name", "performed_by_id")
    )
    return [
        FacetRow(
            label=row["performed_by__name"] or row["performed_by__username"],
            url=f"/trace/?start=person:{row['performed_by_id']}&direction=forward",
            detail=ngettext("%(n)s event", "%(n)s events", row["count"]) % {"n": row["count"]},
            at=row["last"],
        )
        for row in done
    ]
