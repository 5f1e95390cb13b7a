"""Pages, lists and API of production, and what it adds to other records."""

from erp.production.records import additions, process_cycles, work_orders

__all__ = ["additions", "process_cycles", "work_orders"]
