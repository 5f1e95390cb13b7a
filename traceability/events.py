"""What this app tells the higher ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LotStateChanged:
    """Lots went to another state by one verb."""

    lot_ids: tuple[int, ...]
    verb: str
    state: str
