"""What this app tells the higher ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """A hold came into force over lots (members of held lots included)."""

    hold_id: int
    lot_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """A hold was released; other holds may still stand."""

    hold_id: int
    lot_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class LotsDerived:
    """Lots came out of others by splitting, merging, repacking, rework or as a kit."""

    parent_ids: frozenset[int]
    child_ids: tuple[int, ...]
    site_id: int
