"""Sales orders: take, cancel; what a customer asks of deliveries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.accounts.models import Site
from erp.core import numbering
from erp.core.context import Context
from erp.core.errors import Blocked, Blocker, FieldFault, InvalidInput
from erp.inventory.steps import check_fineness
from erp.masterdata.models import Item, Partner
from erp.operations import Reason, operation
from erp.sales import locking, steps
from erp.sales.errors import NotACustomer
from erp.sales.gates import order_ref
from erp.sales.inputs import AgreeTerms, TakeOrder
from erp.sales.models import (
    Allocation,
    CustomerTerms,
    SalesOrder,
    SalesOrderLine,
    ShipmentLine,
)
from erp.sales.states import SALES_ORDER, OrderState


@operation(
    "sales.take_order",
    title=gettext_lazy("Take order"),
    sentence=gettext_lazy("A customer's order is recorded and can be allocated."),
    noun="sales-orders",
    verb="take",
    creates="sales.SalesOrder",
    input=TakeOrder,
    primary=True,
    machine=True,
)
def take_order(  # noqa: PLR0913 - the inputs of the operation
    ctx: Context,
    *,
    customer_id: int,
    site_id: int,
    lines: Sequence[Mapping[str, Any]],
    reference: str = "",
    due_on: dt.date | None = None,
    ship_to_name: str = "",
    ship_to_address: str = "",
    country: str = "",
) -> SalesOrder:
    """Record an order with the address it goes to, as it is known now."""
    customer = Partner.objects.get(pk=customer_id)
    if not customer.is_customer:
        raise NotACustomer(partner=customer.name)
    items = Item.objects.in_bulk({line["item_id"] for line in lines})
    _refuse_odd_lines(lines, items)
    order = SalesOrder.objects.create(
        number=numbering.take_one("SO"),
        customer=customer,
        reference=reference,
        site=Site.objects.get(pk=site_id),
        ship_to_name=ship_to_name or customer.name,
        ship_to_address=ship_to_address or customer.address,
        country=country or customer.country,
        due_on=due_on,
        ordered_at=steps.happened_at(ctx),
    )
    SalesOrderLine.objects.bulk_create(
        SalesOrderLine(order=order, item=items[line["item_id"]], quantity=line["quantity"])
        for line in lines
    )
    return order


def _refuse_odd_lines(lines: Sequence[Mapping[str, Any]], items: Mapping[int, Item]) -> None:
    seen: set[int] = set()
    faults = []
    for row, line in enumerate(lines, start=1):
        item = items[line["item_id"]]
        check_fineness(item, line["quantity"])
        if item.pk in seen:
            reason = _("%(item)s stands on the order already. Add the quantities up.")
            faults.append(FieldFault("lines.item_id", reason % {"item": item.code}, row))
        seen.add(item.pk)
    if faults:
        raise InvalidInput(faults=faults)


@operation(
    "sales.cancel_order",
    title=gettext_lazy("Cancel order"),
    sentence=gettext_lazy("The order is closed and everything reserved for it is free again."),
    noun="sales-orders",
    verb="cancel",
    subject="sales.SalesOrder",
    subject_arg="order_id",
    states=SALES_ORDER,
    step="cancel",
    reason=Reason.REQUIRED,
    danger=True,
)
def cancel_order(ctx: Context, *, order_id: int) -> SalesOrder:
    """Cancel an order of which nothing was shipped, and withdraw its reservations."""
    order = locking.lock_order(ctx, order_id)
    SALES_ORDER.next(OrderState(order.state), "cancel")
    if ShipmentLine.objects.standing().filter(order_line__order=order).exists():
        sentence = _("Part of %(order)s was shipped already.") % {"order": order.number}
        blocker = Blocker("sales.already_shipped", sentence, order_ref(order))
        raise Blocked(blockers=[blocker])
    active = Allocation.objects.active().filter(line__order=order)
    held = locking.lock_allocations(ctx, active.values_list("pk", flat=True))
    steps.change_allocations(held, "withdraw")
    steps.advance(order, "cancel")
    return order


@operation(
    "sales.agree_terms",
    title=gettext_lazy("Agree delivery terms"),
    sentence=gettext_lazy("What this customer asks of every delivery is kept and checked."),
    noun="partners",
    verb="agree-terms",
    subject="masterdata.Partner",
    subject_arg="customer_id",
    input=AgreeTerms,
    blockers=lambda partner, actor: _not_a_customer(partner),
)
def agree_terms(ctx: Context, *, customer_id: int, minimum_life_days: int) -> CustomerTerms:
    """Keep the minimum remaining life that a customer asks for."""
    customer = Partner.objects.get(pk=customer_id)
    if not customer.is_customer:
        raise NotACustomer(partner=customer.name)
    locked = locking.lock_terms(ctx, customer_id)
    terms = locked[0] if locked else CustomerTerms(customer=customer)
    terms.minimum_life_days = minimum_life_days
    terms.save()
    return terms


def _not_a_customer(partner: Partner) -> list[Blocker]:
    if partner.is_customer:
        return []
    refusal = NotACustomer(partner=partner.name)
    return [Blocker(refusal.code, refusal.detail)]
