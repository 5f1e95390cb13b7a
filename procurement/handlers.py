"""What procurement does when something happens elsewhere."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.events import on
from procurement import locking, steps
from procurement.models import PurchaseOrder, ReceiptEvent
from traceability.corrections.events import EventsDeclaredWrong


@on(EventsDeclaredWrong)
def wait_for_the_goods_again(ctx: Context, event: EventsDeclaredWrong) -> None:
    """An order that a wrong receipt filled is open again; one closed by hand stays closed."""
    links = ReceiptEvent.objects.filter(event__in=event.event_ids)
    orders = set(links.values_list("receipt__order_id", flat=True))
    if not orders:
        return
    filled = PurchaseOrder.history.filter(
        id__in=orders, history_operation_id=event.operation_id, state="received"
    )
    for order in locking.lock_orders(ctx, filled.values_list("id", flat=True)):
        steps.change_order(order, "reopen")
