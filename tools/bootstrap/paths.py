"""Where everything is."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"

# A Unix socket's path may have 107 bytes; the file name and a margin need this much of it.
LONGEST_SOCKET_DIRECTORY = 80


def data_directory() -> Path:
    """Return what PROOFLINE_DATA names: attachments, secrets, embedded servers; `var` by default.

    A shell that took `./run services env test` has PROOFLINE_DATA point at the tests' part of it;
    PROOFLINE_EMBEDDED remembers the whole.
    """
    named = Path(os.environ.get("PROOFLINE_DATA") or ROOT / "var").resolve()
    whole = os.environ.get("PROOFLINE_EMBEDDED")
    return Path(whole) if whole and named.is_relative_to(whole) else named


def servers() -> Path:
    """Return the directory of the embedded servers' programs.

    It carries the digest of the pins: a new version lies beside the one that may be running.
    """
    pins = (ROOT / "requirements" / "servers.txt").read_bytes()
    return VENV / f"servers-{hashlib.sha256(pins).hexdigest()[:12]}"


def socket_directory(preferred: Path) -> Path:
    """Return `preferred`, or a short private stand-in where its path is too long for a socket."""
    if len(os.fsencode(preferred)) <= LONGEST_SOCKET_DIRECTORY:
        return preferred
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"proofline-{os.getuid()}-{digest}"
