"""Purchase orders: only from approved suppliers, by the effective revision (ISO 13485, 7.4.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Required, TypedDict

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core import clock, numbering
from erp.core.context import Context
from erp.core.errors import Blocker, FieldFault, InvalidInput, RecordRef
from erp.inventory.steps import check_fineness
from erp.masterdata.models import ItemRevision
from erp.masterdata.states import RevisionState
from erp.operations import Reason, operation
from procurement import steps
from procurement.errors import AlreadyReceived, NothingReceived
from procurement.gates import PLACE
from procurement.inputs import PlaceOrder
from procurement.locking import lock_approvals_of, lock_order
from procurement.models import PurchaseOrder, PurchaseOrderLine
from procurement.queries import standings
from procurement.rules import Standing
from procurement.states import ORDER, OrderState


class OrderedLine(TypedDict, total=False):
    """One line of an order; as its input says."""

    item_id: Required[int]
    quantity: Required[Decimal]
    due_on: Required[dt.date]
    unit_price: Decimal | None


@operation(
    "procurement.place_order",
    title=_("Place order"),
    sentence=_("The order is binding: the goods are expected at the site by the dates given."),
    noun="purchase-orders",
    verb="place",
    creates="procurement.PurchaseOrder",
    input=PlaceOrder,
    gate=PLACE,
)
def place_order(
    ctx: Context,
    *,
    supplier_id: int,
    site_id: int,
    lines: Sequence[OrderedLine],
    currency: str = "",
    requirements: str = "",
) -> PurchaseOrder:
    """Order items from a supplier approved for each of them, by their effective revisions."""
    now = ctx.at or clock.now()
    _refuse_past_dates(lines, now.date())
    lock_approvals_of(ctx, supplier_id)
    item_ids = {line["item_id"] for line in lines}
    gates.ask(ctx, PLACE, [supplier_id], item_ids=item_ids, site_id=site_id)
    order = PurchaseOrder(
        number=numbering.take_one("PO"),
        supplier_id=supplier_id,
        site_id=site_id,
        state=ORDER.next(OrderState.DRAFT, "order"),
        currency=currency,
        requirements=requirements,
        ordered_at=now,
        ordered_by_id=ctx.actor.user_id,
    )
    return steps.add_order(order, _lines(order, lines))


def _refuse_past_dates(lines: Sequence[OrderedLine], today: dt.date) -> None:
    reason = _now("This lies in the past.")
    late = [n for n, line in enumerate(lines, start=1) if line["due_on"] < today]
    if late:
        raise InvalidInput(faults=[FieldFault("lines.due_on", reason, row) for row in late])


def _lines(order: PurchaseOrder, lines: Sequence[OrderedLine]) -> list[PurchaseOrderLine]:
    """Return the lines with the revision and the approval of this moment, kept as a snapshot."""
    item_ids = {line["item_id"] for line in lines}
    revisions = _effective_revisions(item_ids)
    known = standings({(order.supplier_id, pk) for pk in item_ids}, clock.today())
    made = []
    for position, line in enumerate(lines, start=1):
        revision = revisions[line["item_id"]]
        check_fineness(revision.item, line["quantity"])
        found = known[(order.supplier_id, line["item_id"])]
        made.append(
            PurchaseOrderLine(
                order=order,
                position=position,
                item_id=line["item_id"],
                revision=revision,
                approval_id=found.approval_id if found.standing is Standing.APPROVED else None,
                quantity=line["quantity"],
                unit_price=line.get("unit_price"),
                due_on=line["due_on"],
            )
        )
    return made


def _effective_revisions(item_ids: set[int]) -> Mapping[int, ItemRevision]:
    effective = ItemRevision.objects.filter(item_id__in=item_ids, state=RevisionState.EFFECTIVE)
    return {revision.item_id: revision for revision in effective.select_related("item")}


@operation(
    "procurement.cancel_order",
    title=_("Cancel"),
    sentence=_("The order is cancelled; nothing of it may be received any more."),
    noun="purchase-orders",
    verb="cancel",
    subject="procurement.PurchaseOrder",
    subject_arg="order_id",
    states=ORDER,
    step="cancel",
    reason=Reason.REQUIRED,
    blockers=lambda order, actor: receipts_of(order),
    danger=True,
)
def cancel_order(ctx: Context, *, order_id: int) -> PurchaseOrder:
    """Cancel an order of which nothing came."""
    order = lock_order(ctx, order_id)
    ORDER.next(order.state, "cancel")  # type: ignore[arg-type]
    came = receipts_of(order)
    if came:
        raise AlreadyReceived(order=order.number, blockers=came)
    return steps.change_order(order, "cancel")


def receipts_of(order: PurchaseOrder) -> list[Blocker]:
    """Return the receipts of an order, each as what keeps it from being cancelled."""
    sentence = _now("Receipt %(receipt)s belongs to this order.")
    return [
        Blocker(
            "order.has_receipt",
            sentence % {"receipt": r.number},
            RecordRef("procurement.receipt", str(r.pk), r.number, f"/receipts/{r.pk}/"),
        )
        for r in order.receipts.order_by("pk")
    ]


@operation(
    "procurement.close_order",
    title=_("Close short"),
    sentence=_("Nothing more is expected of this order."),
    noun="purchase-orders",
    verb="close",
    subject="procurement.PurchaseOrder",
    subject_arg="order_id",
    states=ORDER,
    step="close",
    reason=Reason.REQUIRED,
    blockers=lambda order, actor: nothing_received(order),
)
def close_order(ctx: Context, *, order_id: int) -> PurchaseOrder:
    """Close an order that was delivered in part and will not be completed."""
    order = lock_order(ctx, order_id)
    ORDER.next(order.state, "close")  # type: ignore[arg-type]
    missing = nothing_received(order)
    if missing:
        raise NothingReceived(order=order.number, blockers=missing)
    return steps.change_order(order, "close")


def nothing_received(order: PurchaseOrder) -> list[Blocker]:
    """Return why an order without receipts is not closed but cancelled."""
    if order.receipts.exists():
        return []
    return [Blocker("order.no_receipt", _now("Nothing was received yet: cancel the order."))]
