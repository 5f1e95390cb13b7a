"""Page values as plain text, for exports."""

from __future__ import annotations

import math
from typing import Any

from erp.ui.page import Link, Moment, Number, Pill


def plain_value(value: Any) -> str:
    """Return a page value as text: links by their text, states by their word, instants as ISO
    8601.
    """
    if value is None:
        return ""
    if isinstance(value, Link | Number):
        return str(value.text)
    if isinstance(value, Pill):
        return str(value.word)
    if isinstance(value, Moment):
        return value.at.isoformat()
    if isinstance(value, list | tuple):
        return "; ".join(plain_value(v) for v in value)
    return str(value)


# Full-width signs, too: some spreadsheets take them for the narrow ones.
RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula: such text gets a leading apostrophe."""
    return f"'{cell}" if cell.startswith(RUNS_AS_FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False
