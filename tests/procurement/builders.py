"""Makes suppliers, orders and receipts for tests, through the operations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from erp.accounts.models import Site, User
from erp.core import clock
from erp.masterdata.models import Item, Partner
from procurement.models import PurchaseOrder, Receipt, SupplierApproval
from procurement.operations import (
    approve_supplier,
    draft_supplier_approval,
    place_order,
    receive_goods,
)
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import make_item, make_partner, place


def in_days(days: int) -> dt.date:
    """Return the date in so many days from today."""
    return clock.today() + dt.timedelta(days=days)


def drafted(
    user: User, *items: Item, supplier: Partner | None = None, **more: Any
) -> SupplierApproval:
    """Draft an approval of a supplier for items."""
    values = {
        "supplier_id": (supplier or make_partner()).pk,
        "item_ids": [item.pk for item in items] or [make_item().pk],
        "risk_class": "medium",
        "method": "audit",
        "basis": "Audit of 3 March",
        "valid_until": in_days(365),
        **more,
    }
    return draft_supplier_approval(ctx_for(user), **values)


def approved(drafter: User, approver: User, *items: Item, **more: Any) -> SupplierApproval:
    """Draft an approval and let another person sign it."""
    approval = drafted(drafter, *items, **more)
    return approve_supplier(signed(approver), approval_id=approval.pk)


def ordered(
    user: User, approver: User, site: Site, *items: Item, quantity: Any = 100, **more: Any
) -> PurchaseOrder:
    """Order items (or a new one) from a supplier just approved for them, one line each."""
    wanted = items or (make_item(),)
    approval = approved(user, approver, *wanted)
    lines: Any = [{"item_id": i.pk, "quantity": quantity, "due_on": in_days(14)} for i in wanted]
    values = {"supplier_id": approval.supplier_id, "site_id": site.pk, "lines": lines, **more}
    return place_order(ctx_for(user), **values)


def received(user: User, order: PurchaseOrder, quantity: Any = 100, **line: Any) -> Receipt:
    """Receive a quantity of the first line of an order into quarantine."""
    lines = [{"line": 1, "quantity": quantity, **line}]
    return delivered(user, order, lines)


def delivered(user: User, order: PurchaseOrder, lines: Any, **more: Any) -> Receipt:
    """Receive these lines of an order into quarantine."""
    here = place(order.site, "quarantine")
    return receive_goods(ctx_for(user), order_id=order.pk, location_id=here.pk, lines=lines, **more)
