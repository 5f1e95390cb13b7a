"""What a result means, without any database."""

from __future__ import annotations

from decimal import Decimal


def within_limits(value: Decimal, lower: Decimal | None, upper: Decimal | None) -> bool:
    """Tell whether a value conforms; the limits themselves conform, ``None`` is no limit."""
    return (lower is None or value >= lower) and (upper is None or value <= upper)
