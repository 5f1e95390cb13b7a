"""The verbs of sales and delivery, one module per noun."""

from erp.sales.operations.allocations import (
    allocate,
    confirm_put_back,
    pick_allocation,
    withdraw_allocation,
)
from erp.sales.operations.orders import agree_terms, cancel_order, take_order
from erp.sales.operations.shipments import confirm_delivery, return_goods, ship_order

__all__ = [
    "agree_terms",
    "allocate",
    "cancel_order",
    "confirm_delivery",
    "confirm_put_back",
    "pick_allocation",
    "return_goods",
    "ship_order",
    "take_order",
    "withdraw_allocation",
]
