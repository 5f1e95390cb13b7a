"""What inspection tells the higher sub-domains and apps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class InspectionFailed:
    """Goods were rejected. ``quantity`` is the rejected part of the lot, ``None`` all of it.

    ``lot_ids`` are the rejected lots or units: the inspected lot, or the units rejected out of it.
    """

    inspection_id: int
    lot_ids: tuple[int, ...]
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InspectionAccepted:
    """Everything presented was accepted."""

    inspection_id: int
    lot_ids: tuple[int, ...]
