"""How a wanted quantity is taken from what is free: pure, so that it can be tried on anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Wish:
    """A quantity of a lot, at one place or (``location_id`` None) wherever it lies."""

    lot_id: int
    quantity: Decimal
    location_id: int | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """A quantity of a lot taken at a place."""

    lot_id: int
    location_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Short:
    """A wish that could not be met, and how much of it was there."""

    wish: Wish
    have: Decimal


def share(
    wishes: Sequence[Wish], free: Mapping[tuple[int, int], Decimal]
) -> tuple[list[Take], list[Short]]:
    """Meet each wish from what is free by ``(lot, location)``, the fullest place first.

    What an earlier wish takes is gone for the later ones. Returns what is taken and every wish that
    falls short; the caller refuses all when one is short.
    """
    left = dict(free)
    taken: dict[tuple[int, int], Decimal] = {}
    short = []
    for wish in wishes:
        missing = wish.quantity
        for key in _places(wish, left):
            part = min(missing, left[key])
            if part > ZERO:
                left[key] -= part
                taken[key] = taken.get(key, ZERO) + part
                missing -= part
        if missing > ZERO:
            short.append(Short(wish, wish.quantity - missing))
    takes = [Take(lot_id, place, quantity) for (lot_id, place), quantity in taken.items()]
    return takes, short


def _places(wish: Wish, left: Mapping[tuple[int, int], Decimal]) -> Iterable[tuple[int, int]]:
    keys = [key for key in left if key[0] == wish.lot_id and wish.location_id in (None, key[1])]
    return sorted(keys, key=lambda key: (-left[key], key))
