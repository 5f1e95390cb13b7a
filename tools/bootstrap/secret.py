"""Passwords made on this machine, for this installation."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret(directory: Path, name: str) -> str:
    """Return the secret of this name, made at first use, readable by its owner alone."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / name
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8").strip()
