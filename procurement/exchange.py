"""What partners are told of a receipt: the order, and between whom the goods went."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from procurement.models import ReceiptEvent
from traceability.epcis import names
from traceability.epcis.context import Fact, Said, says


@says
def receipts(event_ids: Collection[int]) -> Iterator[Said]:
    """Tell order and receipt of goods that came in, and who sold them to whom."""
    links = ReceiptEvent.objects.filter(event_id__in=event_ids).select_related(
        "receipt__order__supplier", "receipt__site__company"
    )
    for link in links:
        receipt = link.receipt
        order = receipt.order
        pk = link.event_id
        yield Said(pk, Fact.TRANSACTION, "po", names.record_uri("purchase-order", order.number))
        yield Said(pk, Fact.TRANSACTION, "recadv", names.record_uri("receipt", receipt.number))
        yield Said(pk, Fact.SOURCE, "owning_party", names.partner_uri(order.supplier))
        yield Said(pk, Fact.DESTINATION, "owning_party", names.company_uri(receipt.site))
        yield Said(pk, Fact.DESTINATION, "location", names.site_uri(receipt.site))
