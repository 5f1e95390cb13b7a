"""Reading the environment."""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[3]


def text(name: str, default: str = "") -> str:
    """Return a setting from the environment."""
    return os.environ.get(name, default)


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes/no setting from the environment."""
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


DATA_DIR = Path(text("PROOFLINE_DATA", str(BASE_DIR / "var")))
