"""Pages, lists and API of sales and delivery, and what they add to other records."""

from erp.sales.records import additions, orders, returns, shipments

__all__ = ["additions", "orders", "returns", "shipments"]
