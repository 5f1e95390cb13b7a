"""Which kinds of documents are kept, and whether a file is what it says it is."""

from __future__ import annotations

from audit.errors import FileKindRefused

HEAD = 16
"""How many bytes of a file :func:`check` wants to see."""

OFFICE = b"PK\x03\x04"

SIGNS: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (OFFICE,),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (OFFICE,),
    "application/zip": (OFFICE,),
    "text/csv": (),
    "text/plain": (),
    "application/json": (),
}
"""Media types kept, with the bytes their files begin with. Nothing a browser would run."""


def check(name: str, media_type: str, head: bytes) -> str:
    """Return the media type, or raise ``FileKindRefused``."""
    plain = media_type.split(";", maxsplit=1)[0].strip().lower()
    signs = SIGNS.get(plain)
    fits = signs is not None and (head.startswith(signs) if signs else b"\x00" not in head)
    if not fits:
        raise FileKindRefused(name=name, media_type=plain or "?")
    return plain
