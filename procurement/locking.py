"""Row locks: the only ``select_for_update`` of this app. Approvals before orders, always.

Ordering and receiving lock the supplier's approvals, so that a suspension takes its place before or
after them and never in between.
"""

from __future__ import annotations

from collections.abc import Iterable

from erp.core.context import Context
from erp.core.locking import lock, lock_one
from procurement.models import PurchaseOrder, SupplierApproval


def lock_approval(ctx: Context, approval_id: int) -> SupplierApproval:
    """Lock one approval."""
    rows = SupplierApproval.objects.select_related("supplier", "drafted_by")
    return lock_one(ctx, rows, approval_id)


def lock_approvals_of(ctx: Context, supplier_id: int) -> list[SupplierApproval]:
    """Lock all approvals of a supplier."""
    return lock(ctx, SupplierApproval.objects.filter(supplier_id=supplier_id))


def lock_order(ctx: Context, order_id: int) -> PurchaseOrder:
    """Lock one order."""
    return lock_one(ctx, PurchaseOrder.objects.select_related("supplier", "site"), order_id)


def lock_orders(ctx: Context, order_ids: Iterable[int]) -> list[PurchaseOrder]:
    """Lock these orders."""
    return lock(ctx, PurchaseOrder.objects.filter(pk__in=set(order_ids)))


def lock_order_to_receive(ctx: Context, order_id: int) -> PurchaseOrder:
    """Lock the approvals of an order's supplier, then the order itself."""
    supplier_id = PurchaseOrder.objects.values_list("supplier_id", flat=True).get(pk=order_id)
    lock_approvals_of(ctx, supplier_id)
    return lock_order(ctx, order_id)
