"""Reads of suppliers, orders and receipts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from procurement.models import PurchaseOrder, PurchaseOrderLine, ReceiptLine, SupplierApprovalItem
from procurement.rules import Standing, standing
from procurement.states import ApprovalState
from traceability.models import Lot

Pair = tuple[int, int]
"""Supplier id and item id."""


@dataclass(frozen=True, slots=True)
class SupplierStanding:
    """How a supplier stands for an item, and the approval that says so (if one does)."""

    standing: Standing
    approval_id: int | None = None
    number: str = ""
    valid_until: dt.date | None = None


NOT_APPROVED = SupplierStanding(Standing.NONE)

# Of several approvals, the one to name: the suspension, else the one valid longest.
_WEIGHT = {ApprovalState.SUSPENDED: 2, ApprovalState.APPROVED: 1}


def standings(pairs: Collection[Pair], day: dt.date) -> dict[Pair, SupplierStanding]:
    """Return how each supplier stands for each item on ``day``, in one query."""
    rows = SupplierApprovalItem.objects.filter(
        approval__supplier_id__in={supplier for supplier, _item in pairs},
        item_id__in={item for _supplier, item in pairs},
        approval__state__in=list(_WEIGHT),
    ).select_related("approval")
    by_pair: dict[Pair, list[SupplierApprovalItem]] = defaultdict(list)
    for row in rows:
        by_pair[(row.approval.supplier_id, row.item_id)].append(row)
    return {pair: _standing(by_pair.get(pair, []), day) for pair in pairs}


def _standing(rows: Collection[SupplierApprovalItem], day: dt.date) -> SupplierStanding:
    approvals = [row.approval for row in rows]
    if not approvals:
        return NOT_APPROVED
    named = max(approvals, key=lambda a: (_WEIGHT[ApprovalState(a.state)], a.valid_until, a.pk))
    found = standing([(a.state, a.valid_until) for a in approvals], day)
    return SupplierStanding(found, named.pk, named.number, named.valid_until)


def order_lines(order: PurchaseOrder) -> list[PurchaseOrderLine]:
    """Return an order's lines with item, revision and received quantity, however it was read."""
    ready: list[PurchaseOrderLine] | None = getattr(order, "ordered_lines", None)
    if ready is not None:
        return ready
    return list(full_lines().filter(order=order))


def full_lines() -> QuerySet[PurchaseOrderLine]:
    """Return order lines with item, revision and received quantity, in order."""
    lines = PurchaseOrderLine.objects.with_received()
    return lines.select_related("item", "revision").order_by("order_id", "position")


def receipt_line_of(lot: Lot) -> ReceiptLine | None:
    """Return the receipt line that brought a lot; a unit came with its lot."""
    lines = ReceiptLine.objects.standing().filter(lot_id__in=[lot.pk, lot.batch_id or lot.pk])
    return lines.select_related(
        "receipt__order__supplier", "receipt__received_by", "order_line__revision", "lot"
    ).first()
