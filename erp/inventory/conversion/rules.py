"""Numbers of lots that come out of another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import count


def part_numbers(number: str, taken: Collection[str]) -> Iterator[str]:
    """Yield numbers for the parts of a lot: its own with a running ending, none of ``taken``."""
    return (f"{number}/{n}" for n in count(1) if f"{number}/{n}" not in taken)
