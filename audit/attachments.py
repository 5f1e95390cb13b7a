"""The store of documents: each file under the SHA-256 of its content, written once.

The name is the proof: a file that reads back with another hash was changed. Nothing is overwritten
and nothing is removed; a file whose operation was rolled back stays behind without a record, which
harms nobody and is the price of never having a record without its file.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from audit.errors import FileMissing

READ_ONLY = 0o440


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored: hash (hex), size in bytes, first bytes (to tell what it really is)."""

    sha256: str
    size: int
    head: bytes


def path_of(sha256: str) -> Path:
    """Return where the content with this hash lies."""
    return Path(settings.MEDIA_ROOT) / "sha256" / sha256[:2] / sha256


def store(blocks: Iterable[bytes]) -> Stored:
    """Write content durably under its hash; the same content is kept once."""
    root = Path(settings.MEDIA_ROOT) / "sha256"
    root.mkdir(parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    with tempfile.NamedTemporaryFile(dir=root, prefix="incoming-", delete=False) as target:
        try:
            for block in blocks:
                digest.update(block)
                size += len(block)
                head = head or block[:16]
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
            _place(Path(target.name), digest.hexdigest())
        finally:
            Path(target.name).unlink(missing_ok=True)
    return Stored(digest.hexdigest(), size, head)


def _place(written: Path, sha256: str) -> None:
    final = path_of(sha256)
    final.parent.mkdir(exist_ok=True)
    written.chmod(READ_ONLY)
    try:
        # A hard link never replaces what is there, whoever comes first.
        os.link(written, final)
    except FileExistsError:
        return
    for folder in (final.parent, final.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def require(sha256: str) -> Path:
    """Return where the content lies, or raise ``FileMissing`` when it is gone or was changed."""
    if not is_intact(sha256):
        raise FileMissing(sha256=sha256)
    return path_of(sha256)


def base64_of(sha256: str) -> str:
    """Return a hash as HTTP writes digests (RFC 9530)."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def is_intact(sha256: str) -> bool:
    """Tell whether the stored content still has its hash."""
    path = path_of(sha256)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
