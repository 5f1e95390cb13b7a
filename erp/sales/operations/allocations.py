"""Promises of lots to orders: allocate, pick, withdraw, put back what a hold broke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp import gates
from erp.core.context import Context
from erp.core.errors import Blocker, BlockerList, NotFound, RecordRef
from erp.core.quantities import ZERO, plain
from erp.inventory.errors import NotEnoughStock
from erp.inventory.queries import with_batches
from erp.inventory.steps import check_fineness
from erp.operations import operation
from erp.sales import locking, queries, steps
from erp.sales.errors import AllocationNotActive, NothingToShip, NotOrdered
from erp.sales.gates import order_ref
from erp.sales.inputs import Allocate, ChosenAllocations
from erp.sales.models import Allocation, SalesOrder
from erp.sales.queries import LineStatus
from erp.sales.rules import Short, Wish, share
from erp.sales.states import ACTIVE, SALES_ORDER, OrderState
from traceability.gates import ALLOCATE, ref
from traceability.locking import lock_lots
from traceability.models import Lot


@operation(
    "sales.allocate",
    title=gettext_lazy("Allocate"),
    sentence=gettext_lazy("These lots are reserved for the order; nobody else can have them."),
    noun="sales-orders",
    verb="allocate",
    subject="sales.SalesOrder",
    subject_arg="order_id",
    input=Allocate,
    states=SALES_ORDER,
    step="allocate",
    machine=True,
)
def allocate(ctx: Context, *, order_id: int, lines: Sequence[Mapping[str, Any]] = ()) -> SalesOrder:
    """Promise lots to an order, at most what is available and not promised yet.

    Without lines the first expiring lots are taken for everything still open.
    """
    wishes = _wishes(order_id, lines)
    wanted = {wish.lot_id for wish in wishes}
    # The lots of units are locked too: a hold on the lot waits for this, or this for the hold.
    lots = lock_lots(ctx, with_batches(wanted))
    order = locking.lock_order(ctx, order_id)
    SALES_ORDER.next(OrderState(order.state), "allocate")
    status = {s.line.item_id: s for s in queries.line_status(order)}
    _refuse_not_ordered(order, wishes, lots, status)
    gates.ask(ctx, ALLOCATE, wanted, country=order.country, customer=order.customer_id)
    takes, short = share(wishes, queries.free_stock(wanted, order.site_id))
    if short:
        raise NotEnoughStock(blockers=[_shortage(lots, s) for s in short])
    steps.promise(ctx, order, takes, {pk: status[lots[pk].item_id].line for pk in wanted})
    return order


def _wishes(order_id: int, lines: Sequence[Mapping[str, Any]]) -> list[Wish]:
    if lines:
        return [Wish(x["lot_id"], x["quantity"], x.get("location_id")) for x in lines]
    order = SalesOrder.objects.get(pk=order_id)
    found = queries.proposal(order)
    if not found:
        sentence = _("No lot in stock can be promised to %(order)s.") % {"order": order.number}
        nothing = Blocker("sales.nothing_available", sentence, order_ref(order))
        raise NotEnoughStock(blockers=[nothing])
    return found


def _refuse_not_ordered(
    order: SalesOrder,
    wishes: Sequence[Wish],
    lots: Mapping[int, Lot],
    status: Mapping[int, LineStatus],
) -> None:
    found = BlockerList()
    asked: dict[int, Decimal] = {}
    for wish in wishes:
        lot = lots[wish.lot_id]
        check_fineness(lot.item, wish.quantity)
        if lot.item_id in status:
            asked[lot.item_id] = asked.get(lot.item_id, ZERO) + wish.quantity
        else:
            facts = {"lot": lot.number, "item": lot.item.code, "order": order.number}
            sentence = _("%(lot)s is %(item)s, which is not on %(order)s.") % facts
            found.add("sales.item_not_ordered", sentence, ref(lot))
    for item_id, quantity in asked.items():
        line = status[item_id]
        if quantity > line.open:
            facts = {
                "item": line.line.item.code,
                "asked": plain(quantity),
                "open": plain(line.open),
            }
            sentence = _("%(item)s: %(asked)s asked, %(open)s still open on the order.") % facts
            found.add("sales.more_than_ordered", sentence, order_ref(order))
    if found.items:
        raise NotOrdered(blockers=found.items)


def _shortage(lots: Mapping[int, Lot], short: Short) -> Blocker:
    lot = lots[short.wish.lot_id]
    facts = {"lot": lot.number, "wanted": plain(short.wish.quantity), "have": plain(short.have)}
    sentence = _("%(lot)s: %(wanted)s asked, %(have)s free to promise.") % facts
    return Blocker("inventory.short", sentence, ref(lot))


@operation(
    "sales.pick_allocation",
    title=gettext_lazy("Pick"),
    sentence=gettext_lazy("The reserved goods are taken from their places, ready to be shipped."),
    noun="sales-orders",
    verb="pick",
    subject="sales.SalesOrder",
    subject_arg="order_id",
    input=ChosenAllocations,
    states=SALES_ORDER,
    step="pick",
    machine=True,
)
def pick_allocation(
    ctx: Context, *, order_id: int, allocation_ids: Sequence[int] = ()
) -> SalesOrder:
    """Say that reserved goods were taken from their places."""
    order = locking.lock_order(ctx, order_id)
    SALES_ORDER.next(OrderState(order.state), "pick")
    chosen = chosen_allocations(ctx, order, allocation_ids, states=ACTIVE[:1])
    steps.change_allocations(
        chosen, "pick", picked_at=steps.happened_at(ctx), picked_by_id=ctx.actor.user_id
    )
    return order


@operation(
    "sales.withdraw_allocation",
    title=gettext_lazy("Withdraw reservation"),
    sentence=gettext_lazy("The reserved quantities are free for other orders again."),
    noun="sales-orders",
    verb="withdraw",
    subject="sales.SalesOrder",
    subject_arg="order_id",
    input=ChosenAllocations,
    states=SALES_ORDER,
    step="withdraw",
)
def withdraw_allocation(
    ctx: Context, *, order_id: int, allocation_ids: Sequence[int] = ()
) -> SalesOrder:
    """Take back promises; picked goods go back to their places."""
    order = locking.lock_order(ctx, order_id)
    SALES_ORDER.next(OrderState(order.state), "withdraw")
    steps.change_allocations(chosen_allocations(ctx, order, allocation_ids), "withdraw")
    return order


@operation(
    "sales.confirm_put_back",
    title=gettext_lazy("Confirm put back"),
    sentence=gettext_lazy("The picked goods that a hold stopped lie at their places again."),
    noun="sales-orders",
    verb="put-back",
    subject="sales.SalesOrder",
    subject_arg="order_id",
    blockers=lambda order, actor: _nothing_to_put_back(order),
)
def confirm_put_back(ctx: Context, *, order_id: int) -> SalesOrder:
    """End the task that a broken, already picked allocation leaves."""
    order = locking.lock_order(ctx, order_id)
    waiting = queries.to_put_back().filter(line__order=order)
    found = locking.lock_allocations(ctx, waiting.values_list("pk", flat=True))
    if not found:
        raise NothingToShip(order=order.number)
    pks = [allocation.pk for allocation in found]
    Allocation.objects.filter(pk__in=pks).update(put_back_at=steps.happened_at(ctx))
    return order


def _nothing_to_put_back(order: SalesOrder) -> list[Blocker]:
    if queries.to_put_back().filter(line__order=order).exists():
        return []
    return [Blocker("sales.nothing_to_put_back", _("Nothing of this order waits to be put back."))]


def chosen_allocations(
    ctx: Context,
    order: SalesOrder,
    allocation_ids: Sequence[int],
    states: Sequence[str] = ACTIVE,
) -> list[Allocation]:
    """Lock the named allocations of an order, or all in these states when none is named.

    Raises ``AllocationNotActive`` naming every one that is not, ``NothingToShip`` if none is.
    """
    own = Allocation.objects.filter(line__order=order)
    wanted = own.filter(pk__in=allocation_ids) if allocation_ids else own.filter(state__in=states)
    locked = locking.lock_allocations(ctx, wanted.values_list("pk", flat=True))
    if allocation_ids and len(locked) < len(set(allocation_ids)):
        raise NotFound(what=Allocation._meta.verbose_name)
    fit = [a for a in locked if a.state in states]
    if allocation_ids and len(fit) < len(set(allocation_ids)):
        raise AllocationNotActive(blockers=[_not_active(a) for a in locked if a not in fit])
    if not fit:
        raise NothingToShip(order=order.number)
    return fit


def _not_active(allocation: Allocation) -> Blocker:
    facts = {"number": allocation.number, "state": allocation.get_state_display()}
    order_id = allocation.line.order_id
    pointer = RecordRef(
        "sales.allocation", str(allocation.pk), allocation.number, f"/sales-orders/{order_id}/"
    )
    return Blocker("sales.allocation_not_active", _("%(number)s is %(state)s.") % facts, pointer)
