"""From a registry's own JSON back to answers: the inverse of :mod:`traceability.datasheets.export`.

Devices that are in a database already need not be typed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from traceability.datasheets.declaration import FieldKind, SheetField
from traceability.datasheets.registries import FIELDS


def answers_from(registry: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a document says of the fields that are asked of people, as an input takes it."""
    read = {f.code: _read(f, _at(document, f.path or f.code)) for f in FIELDS[registry] if f.asked}
    return {code: value for code, value in read.items() if value not in (None, "", [])}


def _at(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def _read(field: SheetField, value: Any) -> Any:
    if field.kind is FieldKind.ROWS:
        return _rows(field, value or ())
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _rows(field: SheetField, rows: Sequence[Any]) -> list[dict[str, Any]]:
    if len(field.columns) == 1:
        return [{field.columns[0].code: row} for row in rows]
    return [{c.code: _at(row, c.path or c.code) for c in field.columns} for row in rows]
