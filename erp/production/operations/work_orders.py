"""Work orders: plan, start, complete, cancel."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp import gates
from erp.accounts.models import Site
from erp.core import numbering
from erp.core.context import Context
from erp.core.errors import BlockerList
from erp.core.quantities import plain
from erp.inventory.errors import WrongPlace
from erp.inventory.steps import check_fineness
from erp.masterdata.models import Item, ItemRevision, Location
from erp.masterdata.states import RevisionState
from erp.operations import Reason, operation
from erp.production import locking, queries, steps
from erp.production.errors import NoEffectiveRevision
from erp.production.events import WorkOrderCompleted
from erp.production.gates import COMPLETE, START, order_ref
from erp.production.inputs import CancelWorkOrder, PlanWorkOrder, StartWorkOrder
from erp.production.models import WorkOrder
from erp.production.rules import default_batch_number
from erp.production.states import WORK_ORDER, WorkOrderState


@operation(
    "production.plan_work_order",
    title=gettext_lazy("Plan work order"),
    sentence=gettext_lazy("A work order is planned by the item's effective revision."),
    noun="work-orders",
    verb="plan",
    creates="production.WorkOrder",
    input=PlanWorkOrder,
    primary=True,
    machine=True,
)
def plan_work_order(
    ctx: Context,
    *,
    item_id: int,
    quantity: Decimal,
    site_id: int,
    batch_number: str = "",
    due_on: dt.date | None = None,
) -> WorkOrder:
    """Plan an order and freeze its revision and material (ISO 13485, 7.5.1)."""
    item = Item.objects.get(pk=item_id)
    check_fineness(item, quantity)
    revision = ItemRevision.objects.filter(item=item, state=RevisionState.EFFECTIVE).first()
    if revision is None:
        raise NoEffectiveRevision(item=item.code)
    number = numbering.take_one("WO")
    order = WorkOrder.objects.create(
        number=number,
        site=Site.objects.get(pk=site_id),
        item=item,
        revision=revision,
        quantity=quantity,
        batch_number=batch_number.strip() or default_batch_number(number),
        due_on=due_on,
        planned_at=steps.happened_at(ctx),
    )
    steps.copy_bom(order)
    return order


@operation(
    "production.start_work_order",
    title=gettext_lazy("Start"),
    sentence=gettext_lazy("The lot is created in quarantine and the order goes to the line."),
    noun="work-orders",
    verb="start",
    subject="production.WorkOrder",
    subject_arg="work_order_id",
    input=StartWorkOrder,
    states=WORK_ORDER,
    step="start",
    gate="work-order.start",
    gate_ids=lambda order: [order.pk],
    primary=True,
    machine=True,
)
def start_work_order(ctx: Context, *, work_order_id: int, line_id: int | None = None) -> WorkOrder:
    """Release a planned order to the line and create its batch lot."""
    order = locking.lock_work_order(ctx, work_order_id)
    WORK_ORDER.next(WorkOrderState(order.state), "start")
    gates.ask(ctx, START, [order.pk])
    line = _line_of(order, line_id)
    batch = steps.create_batch(ctx, order)
    steps.advance(order, "start", batch=batch, line=line, started_at=steps.happened_at(ctx))
    return order


def _line_of(order: WorkOrder, line_id: int | None) -> Location:
    if line_id is None:
        return queries.place_of(order.site_id, Location.Kind.LINE)
    line = Location.objects.get(pk=line_id)
    if line.kind != Location.Kind.LINE or line.site_id != order.site_id:
        raise WrongPlace(location=line.code, kind=line.get_kind_display())
    return line


@operation(
    "production.complete_work_order",
    title=gettext_lazy("Complete"),
    sentence=gettext_lazy("Nothing more can be issued or reported; the lot waits for its release."),
    noun="work-orders",
    verb="complete",
    subject="production.WorkOrder",
    subject_arg="work_order_id",
    states=WORK_ORDER,
    step="complete",
    gate="work-order.complete",
    gate_ids=lambda order: [order.pk],
    machine=True,
)
def complete_work_order(ctx: Context, *, work_order_id: int) -> WorkOrder:
    """Close an order whose material is settled: everything issued was used or brought back."""
    order = locking.lock_work_order(ctx, work_order_id)
    WORK_ORDER.next(WorkOrderState(order.state), "complete")
    gates.ask(ctx, COMPLETE, [order.pk])
    steps.advance(order, "complete", completed_at=steps.happened_at(ctx))
    ctx.emit(WorkOrderCompleted(order.pk, cast(int, order.batch_id)))
    return order


@operation(
    "production.cancel_work_order",
    title=gettext_lazy("Cancel order"),
    sentence=gettext_lazy("The order is closed and nothing is made under it."),
    noun="work-orders",
    verb="cancel",
    subject="production.WorkOrder",
    subject_arg="work_order_id",
    input=CancelWorkOrder,
    states=WORK_ORDER,
    step="cancel",
    reason=Reason.REQUIRED,
    danger=True,
)
def cancel_work_order(ctx: Context, *, work_order_id: int) -> WorkOrder:
    """Cancel an order under which nothing was made and nothing lies at the line."""
    order = locking.lock_work_order(ctx, work_order_id)
    WORK_ORDER.next(WorkOrderState(order.state), "cancel")
    _refuse_work_done(order)
    steps.advance(order, "cancel")
    return order


def _refuse_work_done(order: WorkOrder) -> None:
    found = BlockerList()
    made, scrapped = queries.output_of(order)
    if made or scrapped:
        done = {"order": order.number, "quantity": plain(made + scrapped)}
        sentence = _("%(quantity)s were already reported on %(order)s. Complete it instead.") % done
        found.add("production.already_reported", sentence, order_ref(order))
    for line in queries.material_of(order):
        if line.remaining:
            facts = {"quantity": plain(line.remaining), "item": line.component.code}
            sentence = _("%(quantity)s of %(item)s are at the line. Return them first.") % facts
            found.add("production.material_at_line", sentence, order_ref(order))
    found.raise_if_any()
