"""The arithmetic of a calibration."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol


class Reading(Protocol):
    """A measured point: what the standard said, what the instrument said, what is allowed."""

    nominal: Decimal
    reading: Decimal
    tolerance: Decimal


def error_of(point: Reading) -> Decimal:
    """Return by how much the instrument reads too high (negative: too low)."""
    return point.reading - point.nominal


def is_within(point: Reading) -> bool:
    """Tell whether a point lies within tolerance, by simple acceptance (no guard band)."""
    return abs(error_of(point)) <= point.tolerance


def all_within(points: Iterable[Reading]) -> bool:
    """Tell whether every point lies within tolerance."""
    return all(is_within(point) for point in points)


def contradictions(
    *,
    as_found: str,
    verdict: str,
    adjusted: bool,
    found: list[bool],
    left: list[bool],
) -> list[str]:
    """Return in which ways the verdicts disagree with the points (each: is it within?).

    ``found_out``: points as found say the other thing than ``as_found``. ``left_out``: passed with
    a point out of tolerance as left. ``not_adjusted``: passed, found out and never adjusted.
    ``not_measured``: passed after adjustment, measured before it and not after.
    """
    passed = verdict == "pass"
    faults = {
        "found_out": bool(found) and all(found) != (as_found == "within"),
        "left_out": passed and not all(left),
        "not_adjusted": passed and as_found == "out" and not adjusted,
        "not_measured": passed and adjusted and bool(found) and not left,
    }
    return [name for name, is_so in faults.items() if is_so]
