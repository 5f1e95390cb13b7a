"""What waits at home: late orders, approvals to decide, approvals that end."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.ui.home import TaskSource, add_tasks
from procurement.models import PurchaseOrder, SupplierApproval
from procurement.records.approvals import approvals, by_validity
from procurement.records.orders import late, orders
from procurement.states import ApprovalState


def _late_orders(actor: Actor) -> QuerySet[PurchaseOrder]:
    return late(orders(actor)).order_by("due_on", "pk")  # type: ignore[misc]  # annotated


def _drafts(actor: Actor) -> QuerySet[SupplierApproval]:
    waiting = approvals(actor).filter(state=ApprovalState.DRAFT)
    # Whoever drafted an approval cannot sign it, so it is not their task.
    return waiting.exclude(drafted_by_id=actor.user_id).order_by("pk")


def _ending(actor: Actor) -> QuerySet[SupplierApproval]:
    return by_validity(approvals(actor), "soon").order_by("valid_until", "pk")


def _expired(actor: Actor) -> QuerySet[SupplierApproval]:
    return by_validity(approvals(actor), "expired").order_by("valid_until", "pk")


add_tasks(
    TaskSource(
        code="procurement.overdue",
        title=_("Purchase orders overdue"),
        permission="procurement.receive_goods",
        noun="purchase-orders",
        rows=_late_orders,
        query="overdue=yes",
        icon="truck-delivery",
        tone="bad",
    )
)
add_tasks(
    TaskSource(
        code="procurement.to_approve",
        title=_("Supplier approvals to sign"),
        permission="procurement.approve_supplier",
        noun="supplier-approvals",
        rows=_drafts,
        query="state=draft",
        icon="signature",
    )
)
add_tasks(
    TaskSource(
        code="procurement.ending",
        title=_("Supplier approvals ending in 30 days"),
        permission="procurement.draft_supplier_approval",
        noun="supplier-approvals",
        rows=_ending,
        query="validity=soon",
        icon="calendar-due",
    )
)
add_tasks(
    TaskSource(
        code="procurement.expired",
        title=_("Supplier approvals expired"),
        permission="procurement.draft_supplier_approval",
        noun="supplier-approvals",
        rows=_expired,
        query="validity=expired",
        icon="alert-triangle",
        tone="bad",
    )
)
