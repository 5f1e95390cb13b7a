"""What partners are told of production: the order, and the process cycle at a subcontractor."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from erp.production.models import CycleEvent, WorkOrderEvent
from traceability.epcis import names
from traceability.epcis.context import Fact, Said, says


@says
def work_orders(event_ids: Collection[int]) -> Iterator[Said]:
    """Tell the work order something was made under."""
    links = WorkOrderEvent.objects.filter(event_id__in=event_ids).select_related("work_order")
    for link in links:
        order = names.record_uri("work-order", link.work_order.number)
        yield Said(link.event_id, Fact.TRANSACTION, "prodorder", order)


@says
def process_cycles(event_ids: Collection[int]) -> Iterator[Said]:
    """Tell the process cycle that goods were sent to or came back from, and whose it is."""
    links = CycleEvent.objects.filter(event_id__in=event_ids).select_related(
        "event", "cycle__partner", "cycle__site__company"
    )
    for link in links:
        cycle, pk = link.cycle, link.event_id
        yield Said(pk, Fact.TRANSACTION, "", names.record_uri("process-cycle", cycle.number))
        ours, theirs = names.company_uri(cycle.site), names.partner_uri(cycle.partner)
        out = link.event.biz_step == "departing"
        yield Said(pk, Fact.SOURCE, "possessing_party", ours if out else theirs)
        yield Said(pk, Fact.DESTINATION, "possessing_party", theirs if out else ours)
