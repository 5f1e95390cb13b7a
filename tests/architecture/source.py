"""The production source, as files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("erp", "audit", "traceability", "equipment", "procurement", "quality", "recall")


@cache
def production_files() -> tuple[Path, ...]:
    """Return every Python file of the product, migrations apart."""
    found = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(path for path in found if "migrations" not in path.parts)
