"""Row locks of this app, taken after the locks of lots: order, allocations, shipment."""

from __future__ import annotations

from collections.abc import Iterable

from erp.core.context import Context
from erp.core.locking import lock, lock_one
from erp.sales.models import Allocation, CustomerTerms, SalesOrder, Shipment


def lock_order(ctx: Context, order_id: int) -> SalesOrder:
    """Lock one sales order."""
    return lock_one(ctx, SalesOrder.objects.select_related("customer", "site"), order_id)


def lock_orders(ctx: Context, order_ids: Iterable[int]) -> list[SalesOrder]:
    """Lock these sales orders."""
    return lock(ctx, SalesOrder.objects.filter(pk__in=set(order_ids)))


def lock_shipments(ctx: Context, shipment_ids: Iterable[int]) -> list[Shipment]:
    """Lock these shipments."""
    return lock(ctx, Shipment.objects.filter(pk__in=set(shipment_ids)))


def lock_allocations(ctx: Context, allocation_ids: Iterable[int]) -> list[Allocation]:
    """Lock these allocations."""
    rows = Allocation.objects.filter(pk__in=list(allocation_ids))
    return lock(ctx, rows.select_related("location", "line"))


def lock_active_of_lots(ctx: Context, lot_ids: Iterable[int]) -> list[Allocation]:
    """Lock the allocations in force over these lots."""
    rows = Allocation.objects.active().filter(lot_id__in=list(lot_ids))
    return lock(ctx, rows.select_related("line"))


def lock_terms(ctx: Context, customer_id: int) -> list[CustomerTerms]:
    """Lock the terms of a customer, if there are any yet."""
    return lock(ctx, CustomerTerms.objects.filter(customer_id=customer_id))


def lock_shipment(ctx: Context, shipment_id: int) -> Shipment:
    """Lock one shipment."""
    return lock_one(ctx, Shipment.objects.select_related("customer", "order"), shipment_id)
