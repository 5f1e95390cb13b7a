"""The hash of a saved trace: SHA-256 over its canonical JSON (RFC 8785), row by row.

The canonical form of an object is its members in the order of their keys without white space, so
it can be written piece by piece; memory does not grow with the number of lots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import rfc8785

from audit.signatures import canonical
from erp.core.quantities import plain
from traceability.saved.models import SavedTrace, SavedTraceLink, SavedTraceLot

CHUNK = 10_000


def digest(saved: SavedTrace, pk: int) -> str:
    """Return the hash of a saved trace as its rows now are; ``pk`` is the key of its rows."""
    hashed = hashlib.sha256()
    for piece in pieces(saved, pk):
        hashed.update(piece)
    return hashed.hexdigest()


def is_unchanged(saved: SavedTrace) -> bool:
    """Tell whether a saved trace still has its hash."""
    return digest(saved, saved.pk) == saved.sha256


def pieces(saved: SavedTrace, pk: int) -> Iterator[bytes]:
    """Yield the canonical bytes; members in the order of their keys."""
    head = {
        "answer": saved.answer,
        "complete": saved.complete,
        "depth": saved.depth,
        "direction": saved.direction,
        "gaps": saved.gaps,
        "known_at": saved.known_at,
        "question": saved.question,
        "saved_by": saved.saved_by_id,
        "since": saved.since,
        "start": saved.start,
        "until": saved.until,
    }
    rows = {"links": _links(pk), "lots": _lots(pk)}
    opening = b"{"
    for key in sorted({*head, *rows}):
        yield opening + rfc8785.dumps(key) + b":"
        yield from _array(rows[key]) if key in rows else [rfc8785.dumps(canonical(head[key]))]
        opening = b","
    yield b"}"


def _array(rows: Iterable[list[Any]]) -> Iterator[bytes]:
    opening = b"["
    for row in rows:
        yield opening + rfc8785.dumps(row)
        opening = b","
    yield b"[]" if opening == b"[" else b"]"


def _lots(pk: int) -> Iterator[list[Any]]:
    rows = SavedTraceLot.objects.filter(saved_id=pk).order_by("lot_id")
    fields = ("lot_id", "level", "whole", "state", "why_lot_id", "why_event_id")
    return (list(row) for row in rows.values_list(*fields).iterator(chunk_size=CHUNK))


def _links(pk: int) -> Iterator[list[Any]]:
    rows = SavedTraceLink.objects.filter(saved_id=pk)
    rows = rows.order_by("input_lot_id", "output_lot_id", "event_id")
    fields = ("event_id", "input_lot_id", "output_lot_id", "input_quantity", "output_quantity")
    for *ends, into, out in rows.values_list(*fields).iterator(chunk_size=CHUNK):
        yield [*ends, *(None if q is None else plain(q) for q in (into, out))]
