"""Material of a work order: to the line, and back."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp import gates
from erp.core.context import Context
from erp.core.errors import Blocker
from erp.core.quantities import ZERO, plain
from erp.inventory.errors import WrongPlace
from erp.inventory.queries import with_batches
from erp.inventory.steps import MoveLine
from erp.masterdata.models import Location
from erp.operations import operation
from erp.production import locking, queries, steps
from erp.production.errors import MoreThanIssued, WrongMaterial
from erp.production.inputs import IssueMaterial, ReturnMaterial
from erp.production.models import MaterialEntry, WorkOrder
from erp.production.states import WORK_ORDER, WorkOrderState
from traceability.gates import ISSUE, ref
from traceability.locking import lock_lot, lock_lots
from traceability.models import Lot


@operation(
    "production.issue_material",
    title=gettext_lazy("Issue material"),
    sentence=gettext_lazy("The quantity goes to the line and is accounted for by this order."),
    noun="work-orders",
    verb="issue",
    subject="production.WorkOrder",
    subject_arg="work_order_id",
    input=IssueMaterial,
    states=WORK_ORDER,
    step="issue",
    machine=True,
    tells_time=True,
)
def issue_material(
    ctx: Context, *, work_order_id: int, lot_id: int, quantity: Decimal, from_location_id: int
) -> WorkOrder:
    """Issue by scan: right item, and everything that "lot.issue" asks, first expired first out."""
    # The lot of a unit is locked too: a hold on it waits for this, or this for the hold.
    lot = lock_lots(ctx, with_batches([lot_id]))[lot_id]
    order = locking.lock_work_order(ctx, work_order_id)
    WORK_ORDER.next(WorkOrderState(order.state), "issue")
    _refuse_wrong_material(order, lot)
    source = _storage(order, from_location_id)
    gates.ask(
        ctx,
        ISSUE,
        [lot.pk],
        fefo_site=order.site_id,
        reason=ctx.reason.strip(),
        work_order=order.pk,
    )
    line = MoveLine(lot, quantity, steps.available(source), steps.available(order.at_line))
    event = steps.carry_material(ctx, order, line, "picking")
    steps.enter_material(order, event, MaterialEntry.Kind.ISSUED, {lot.pk: quantity})
    return order


@operation(
    "production.return_material",
    title=gettext_lazy("Return material"),
    sentence=gettext_lazy("Unused material goes back to storage and leaves this order's account."),
    noun="work-orders",
    verb="return",
    subject="production.WorkOrder",
    subject_arg="work_order_id",
    input=ReturnMaterial,
    states=WORK_ORDER,
    step="return",
    machine=True,
    tells_time=True,
)
def return_material(
    ctx: Context, *, work_order_id: int, lot_id: int, quantity: Decimal, to_location_id: int
) -> WorkOrder:
    """Bring back what was issued and not used; holds do not keep material from going back."""
    lot = lock_lot(ctx, lot_id)
    order = locking.lock_work_order(ctx, work_order_id)
    WORK_ORDER.next(WorkOrderState(order.state), "return")
    target = _storage(order, to_location_id)
    refuse_more_than_issued(order, {lot: quantity})
    line = MoveLine(lot, quantity, steps.available(order.at_line), steps.available(target))
    event = steps.carry_material(ctx, order, line, "storing")
    steps.enter_material(order, event, MaterialEntry.Kind.RETURNED, {lot.pk: quantity})
    return order


def refuse_more_than_issued(order: WorkOrder, wanted: dict[Lot, Decimal]) -> None:
    """Refuse what exceeds the order's account, naming every short lot."""
    left = queries.remaining_by_lot([order.pk])
    short = [
        (lot, quantity, left.get((order.pk, lot.pk), ZERO))
        for lot, quantity in wanted.items()
        if left.get((order.pk, lot.pk), ZERO) < quantity
    ]
    if short:
        raise MoreThanIssued(blockers=[_shortage(*line) for line in short])


def _shortage(lot: Lot, wanted: Decimal, left: Decimal) -> Blocker:
    sentence = _("%(lot)s (%(item)s): %(wanted)s asked, %(left)s of it left on the order.") % {
        "lot": lot.number,
        "item": lot.item.code,
        "wanted": plain(wanted),
        "left": plain(left),
    }
    return Blocker("production.more_than_issued", sentence, ref(lot))


def _refuse_wrong_material(order: WorkOrder, lot: Lot) -> None:
    needed = dict(order.materials.values_list("component_id", "component__code"))
    if lot.item_id not in needed:
        raise WrongMaterial(
            lot=lot.number,
            item=lot.item.code,
            order=order.number,
            needed=", ".join(sorted(needed.values())) or "–",
        )


def _storage(order: WorkOrder, location_id: int) -> Location:
    place = Location.objects.get(pk=location_id)
    if place.kind != Location.Kind.STORAGE or place.site_id != order.site_id:
        raise WrongPlace(location=place.code, kind=place.get_kind_display())
    return place
