"""Receiving: everything comes into quarantine first (ISO 13485, 7.4.3)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core import clock
from erp.core.context import Context
from erp.inventory.errors import WrongPlace
from erp.masterdata.models import Location
from erp.operations import operation
from procurement import steps
from procurement.arrivals import DeliveredLine, match
from procurement.gates import ACCEPT
from procurement.inputs import ReceiveGoods
from procurement.locking import lock_order_to_receive
from procurement.models import PurchaseOrder, Receipt
from procurement.queries import order_lines
from procurement.states import ORDER


@operation(
    "procurement.receive_goods",
    title=_("Receive goods"),
    sentence=_("The goods come into quarantine as new lots and wait there for their inspection."),
    noun="purchase-orders",
    verb="receive",
    subject="procurement.PurchaseOrder",
    subject_arg="order_id",
    creates="procurement.Receipt",
    input=ReceiveGoods,
    gate=ACCEPT,
    gate_ids=lambda order: [order.pk],
    states=ORDER,
    step="receive",
    primary=True,
    machine=True,
    tells_time=True,
)
def receive_goods(
    ctx: Context,
    *,
    order_id: int,
    location_id: int,
    lines: Sequence[DeliveredLine],
    delivery_note: str = "",
) -> Receipt:
    """Take a delivery, or a part of one, into a quarantine store of the order's site.

    Refuses at once everything that stands in the way: supplier not approved now, more than ordered,
    certificate missing.
    """
    order = lock_order_to_receive(ctx, order_id)
    ORDER.next(order.state, "receive")  # type: ignore[arg-type]
    location = _quarantine_place(order, location_id)
    arrivals = match(order_lines(order), lines, (ctx.at or clock.now()).date())
    gates.ask(ctx, ACCEPT, [order.pk], arrivals=arrivals)
    return steps.receive(ctx, order, location, arrivals, delivery_note)


def _quarantine_place(order: PurchaseOrder, location_id: int) -> Location:
    location = Location.objects.get(pk=location_id)
    if location.kind != Location.Kind.QUARANTINE:
        raise WrongPlace(location=location.code, kind=location.get_kind_display())
    if location.site_id != order.site_id:
        raise WrongPlace(location=location.code, kind=_("a place of another site"))
    return location
