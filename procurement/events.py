"""What this app tells the higher ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LotReceived:
    """Goods came into quarantine.

    ``lot_ids`` are what is judged at incoming inspection: lots, and a unit that came alone. Units
    inside a received lot are members of it and not named again.
    """

    lot_ids: tuple[int, ...]
    receipt_id: int
    site_id: int
    supplier_id: int


@dataclass(frozen=True, slots=True)
class SupplierSuspended:
    """A supplier may no longer deliver these items (suspended or withdrawn)."""

    approval_id: int
    supplier_id: int
    item_ids: tuple[int, ...]
