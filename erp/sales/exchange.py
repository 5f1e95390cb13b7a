"""What partners are told of a shipment or a return: papers, and between whom the goods went."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from erp.sales.models import ShipmentEvent
from traceability.epcis import names
from traceability.epcis.context import Fact, Said, says


@says
def shipments(event_ids: Collection[int]) -> Iterator[Said]:
    """Tell delivery note and order, and who sends to whom; a return goes the other way round."""
    links = ShipmentEvent.objects.filter(event_id__in=event_ids).select_related(
        "event", "shipment__order", "shipment__customer", "shipment__site__company"
    )
    for link in links:
        shipment, pk = link.shipment, link.event_id
        back = link.event.biz_step == "receiving"
        ours, theirs = names.company_uri(shipment.site), names.partner_uri(shipment.customer)
        source, destination = (theirs, ours) if back else (ours, theirs)
        paper = names.record_uri("shipment", shipment.number)
        yield Said(pk, Fact.TRANSACTION, "rma" if back else "desadv", paper)
        order = names.record_uri("sales-order", shipment.order.number)
        yield Said(pk, Fact.TRANSACTION, "po", order)
        yield Said(pk, Fact.SOURCE, "possessing_party", source)
        yield Said(pk, Fact.DESTINATION, "possessing_party", destination)
