"""What people do in purchasing: approve suppliers, order, receive."""

from procurement.operations.approvals import (
    approve_supplier,
    draft_supplier_approval,
    reinstate_supplier,
    suspend_supplier,
    withdraw_supplier,
)
from procurement.operations.orders import cancel_order, close_order, place_order
from procurement.operations.receiving import receive_goods

__all__ = [
    "approve_supplier",
    "cancel_order",
    "close_order",
    "draft_supplier_approval",
    "place_order",
    "receive_goods",
    "reinstate_supplier",
    "suspend_supplier",
    "withdraw_supplier",
]
