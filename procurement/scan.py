"""What procurement offers where somebody scanned goods that are not in yet."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from erp.core.actor import Actor
from erp.masterdata.models import Item
from erp.ui.page import Action
from traceability.scan import offer
from traceability.udi import Reading

RECEIVE = "procurement.receive_goods"


@offer
def receive(actor: Actor, reading: Reading, items: Sequence[Item]) -> Sequence[Action]:
    """Offer to receive the lot against a purchase order of its item."""
    if not items or not (reading.lot or reading.serial) or not actor.may(RECEIVE):
        return []
    orders = "/purchase-orders/?" + urlencode({"search": items[0].code})
    return [Action("", _("Receive it against a purchase order"), orders)]
