"""Pure rules of production: lot numbers and limits of process parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

PI_NUMBER_LENGTH = 40
"""The longest lot or serial number that production gives; GS1 labels take 20, others more."""


def default_batch_number(order_number: str) -> str:
    """Return the lot number of an order that was given none: ``26-00042`` of ``WO-2026-00042``."""
    _prefix, year, serial = order_number.split("-")
    return f"{year[2:]}-{serial}"


def out_of_limits(parameters: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the parameters whose value lies outside a limit that is set."""
    return [str(p["name"]) for p in parameters if not _within(p)]


def _within(parameter: Mapping[str, Any]) -> bool:
    value = Decimal(str(parameter["value"]))
    lower, upper = parameter.get("lower"), parameter.get("upper")
    above = lower in (None, "") or value >= Decimal(str(lower))
    below = upper in (None, "") or value <= Decimal(str(upper))
    return above and below
