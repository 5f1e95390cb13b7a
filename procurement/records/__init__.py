"""Pages, lists and API of this app, what it adds to other records, what waits for whom."""

from procurement.records import approvals, elsewhere, orders, receipts, tasks

__all__ = ["approvals", "elsewhere", "orders", "receipts", "tasks"]
