"""What a trace knows of production: where it may start, and what was made on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.production.models import CycleEvent, ProcessCycle, WorkOrder, WorkOrderEvent
from traceability.models import TraceEvent
from traceability.origins import Exposed, FacetRow, Shared, exposure, facet, origin, within


@origin("work-order", label=_("work order"), model="production.WorkOrder", period=False)
def work_order_events(
    ids: Collection[int], since: dt.datetime | None, until: dt.datetime | None
) -> QuerySet[TraceEvent]:
    """Return the events that happened under these work orders."""
    links = WorkOrderEvent.objects.filter(work_order_id__in=ids)
    return within(TraceEvent.objects.filter(pk__in=links.values("event_id")), since, until)


@origin("process-cycle", label=_("process cycle"), model="production.ProcessCycle", period=False)
def cycle_events(
    ids: Collection[int], since: dt.datetime | None, until: dt.datetime | None
) -> QuerySet[TraceEvent]:
    """Return the events of these process cycles."""
    links = CycleEvent.objects.filter(cycle_id__in=ids)
    return within(TraceEvent.objects.filter(pk__in=links.values("event_id")), since, until)


@exposure("work-order", label=_("the same work order"), order=20)
def work_orders_shared(event_ids: Collection[int]) -> Exposed:
    """Return the work orders of these events."""
    orders = WorkOrder.objects.filter(event_links__event_id__in=event_ids).distinct()
    records = {
        order.pk: Shared(order.number, f"/work-orders/{order.pk}/", order.item.name)
        for order in orders.select_related("item")
    }
    links = WorkOrderEvent.objects.filter(work_order_id__in=records)
    return Exposed(records, links.values_list("work_order_id", "event_id"))


@exposure("process-cycle", label=_("the same process cycle"), order=30)
def cycles_shared(event_ids: Collection[int]) -> Exposed:
    """Return the process cycles of these events: one load is one exposure."""
    cycles = ProcessCycle.objects.filter(event_links__event_id__in=event_ids).distinct()
    records = {
        cycle.pk: Shared(cycle.number, f"/process-cycles/{cycle.pk}/", _detail(cycle))
        for cycle in cycles.select_related("partner")
    }
    links = CycleEvent.objects.filter(cycle_id__in=records)
    return Exposed(records, links.values_list("cycle_id", "event_id"))


@facet("work-orders", title=_("Work orders"), order=30)
def work_orders(event_ids: Collection[int], lot_ids: Collection[int]) -> Sequence[FacetRow]:
    """Return the work orders whose events are in the trace."""
    links = WorkOrderEvent.objects.filter(event_id__in=event_ids).order_by("work_order_id")
    last = dict(links.values_list("work_order_id").annotate(last=Max("event__event_time")))
    orders = WorkOrder.objects.filter(pk__in=last).select_related("item").order_by("number")
    return [
        FacetRow(
            label=order.number,
            url=f"/work-orders/{order.pk}/",
            detail=_now("%(item)s, lot %(lot)s: %(state)s")
            % {
                "item": order.item.name,
                "lot": order.batch_number,
                "state": order.get_state_display(),
            },
            lot_ids=(order.batch_id,) if order.batch_id else (),
            at=last[order.pk],
        )
        for order in orders
    ]


@facet("process-cycles", title=_("Process cycles"), order=40)
def process_cycles(event_ids: Collection[int], lot_ids: Collection[int]) -> Sequence[FacetRow]:
    """Return the process cycles that lots of the trace went through, by event or by load."""
    by_event = CycleEvent.objects.filter(event_id__in=event_ids).values("cycle_id")
    by_batch = ProcessCycle.objects.filter(batch_id__in=lot_ids).values("pk")
    cycles = ProcessCycle.objects.filter(pk__in=by_event.union(by_batch))
    return [
        FacetRow(
            label=cycle.number,
            url=f"/process-cycles/{cycle.pk}/",
            detail=_detail(cycle),
            lot_ids=(cycle.batch_id,),
            at=cycle.received_at or cycle.sent_at,
        )
        for cycle in cycles.select_related("partner").order_by("number")
    ]


def _detail(cycle: ProcessCycle) -> str:
    verdict = {None: _now("not back yet"), True: _now("conforming"), False: _now("not conforming")}
    facts = {
        "process": cycle.get_kind_display(),
        "partner": cycle.partner.name,
        "cycle": cycle.cycle_number or "–",
        "verdict": verdict[cycle.conforming],
    }
    return _now("%(process)s at %(partner)s, cycle %(cycle)s: %(verdict)s") % facts
