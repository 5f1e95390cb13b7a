"""What this app tells the higher ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AllocationsBroken:
    """A hold broke what was promised to customers."""

    hold_id: int
    order_ids: tuple[int, ...]
    allocation_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShipmentSent:
    """Goods left for a customer."""

    shipment_id: int
    order_id: int
    customer_id: int
    lot_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GoodsReturned:
    """Goods came back from a customer, into quarantine."""

    return_id: int
    shipment_id: int
    lot_ids: tuple[int, ...]
