"""Where a trace may start that needs no higher app: lots, suppliers' lots, people, places."""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Collection, Sequence

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from traceability import trace_figures  # noqa: F401 - registers the columns of the mass balance
from traceability.models import EventInput, Lot, TraceEvent
from traceability.origins import (
    Exposed,
    FacetRow,
    Shared,
    exposure,
    facet,
    lot_origin,
    origin,
    within,
)

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


def _item_and_revision(name: str) -> Q:
    """Read "CAGE-01 B" or "CAGE-01 rev. B" as item and revision."""
    item, _space, revision = name.replace(" rev. ", " ").strip().rpartition(" ")
    return Q(item__code=item.strip(), revision=revision)


@lot_origin(
    "item-revision",
    label=_("item revision"),
    model="masterdata.ItemRevision",
    key=_item_and_revision,
)
def lots_of_revisions(ids: Ids, since: When, until: When) -> Ids:
    """Return the lots and units made or bought to these revisions."""
    lots = Lot.objects.filter(revision__in=ids)
    return array("q", lots.order_by("pk").values_list("pk", flat=True))


@origin("event", label=_("trace event"), model="traceability.TraceEvent", period=False)
def events(ids: Ids, since: When, until: When) -> QuerySet[TraceEvent]:
    """Return the events themselves."""
    return TraceEvent.objects.filter(pk__in=ids)


@exposure("lot", label=_("the same lot went in"), order=10)
def inputs_shared(event_ids: Ids) -> Exposed:
    """Return the lots that went in, and every event that used them to make something."""
    lots = Lot.objects.filter(went_into__event__in=event_ids).select_related("item").distinct()
    records = {
        lot.pk: Shared(lot.number, f"/lots/{lot.pk}/", f"{lot.item.code} {lot.item.name}")
        for lot in lots
    }
    used = EventInput.objects.filter(lot__in=records, event__outputs__isnull=False)
    return Exposed(records, used.values_list("lot_id", "event_id").distinct())


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
