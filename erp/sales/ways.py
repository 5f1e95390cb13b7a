"""How what sales recorded is taken back, and what then no longer counts."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.gates import Answer, Question
from erp.sales.models import CustomerReturn, Shipment, ShipmentEvent
from erp.sales.states import ShipmentState
from traceability.corrections.gates import CORRECT, event_ref
from traceability.corrections.ways import correctable
from traceability.models import uncorrected

correctable("sales.ship_order", "sales.return_goods")


def shipment_ref(shipment: Shipment) -> RecordRef:
    """Return the pointer to a shipment."""
    url = f"/shipments/{shipment.pk}/"
    return RecordRef("sales.shipment", str(shipment.pk), shipment.number, url)


@gates.check(CORRECT)
def goods_arrived(question: Question) -> Iterator[Answer]:
    """What a consignee received did leave; it comes back as a return."""
    links = ShipmentEvent.objects.filter(event__in=question.ids, event__biz_step="shipping")
    arrived = links.filter(shipment__state=ShipmentState.DELIVERED).select_related("shipment")
    for link in arrived.order_by("event_id"):
        sentence = _("%(shipment)s was delivered. Take the goods back as a return.") % {
            "shipment": link.shipment.number
        }
        blocker = Blocker("sales.delivered", sentence, shipment_ref(link.shipment))
        yield Answer(link.event_id, blocker)


@gates.check(CORRECT)
def goods_came_back(question: Question) -> Iterator[Answer]:
    """A shipment of which something came back is corrected after its returns are."""
    links = ShipmentEvent.objects.filter(event__in=question.ids, event__biz_step="shipping")
    shipments = {link.shipment_id: link.event_id for link in links}
    back = CustomerReturn.objects.filter(uncorrected(), shipment__in=shipments).select_related(
        "event"
    )
    for made in back.order_by("-pk"):
        sentence = _("%(return)s brought something of it back: declare that wrong first.") % {
            "return": made.number
        }
        blocker = Blocker("sales.came_back", sentence, event_ref(made.event))
        yield Answer(shipments[made.shipment_id], blocker)
