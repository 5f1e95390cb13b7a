"""Data sheets as files: JSON in the registry's own names, CSV and XLSX as tables.

No XML: the schemas of the registries' interfaces were not at hand, and a guessed one would look
right and be refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from erp.ui.plain import harmless
from traceability.datasheets.content import Content, Entry
from traceability.datasheets.declaration import FieldKind, SheetField, Value
from traceability.datasheets.models import DataSheet, Registry

MARK = "\ufeff"
"""Spreadsheets take UTF-8 for what it is only with this mark."""


def as_json(sheet: DataSheet) -> dict[str, Any]:
    """Return the fields of a sheet nested as its registry nests them; empty ones are ``null``."""
    content = Content(sheet)
    document: dict[str, Any] = {}
    for field in content.fields:
        value = content.values[field.code]
        _put(document, field.path or field.code, _exported(sheet, field, value))
    return document


def _exported(sheet: DataSheet, field: SheetField, value: Value) -> Any:
    if field.kind is FieldKind.ROWS:
        rows: Sequence[Mapping[str, str]] = value if isinstance(value, list | tuple) else []
        return [_row(field, row) for row in rows]
    if value in (None, ""):
        return None
    # The American database writes every value as text, numbers and yes and no included.
    if sheet.registry == Registry.GUDID:
        return str(value)
    if field.kind is FieldKind.YES_NO:
        return value == "true"
    return value


def _row(field: SheetField, row: Mapping[str, str]) -> Any:
    if len(field.columns) == 1:
        return row.get(field.columns[0].code) or None
    told: dict[str, Any] = {}
    for column in field.columns:
        _put(told, column.path or column.code, row.get(column.code) or None)
    return told


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        document = document.setdefault(name, {})
    document[last] = value


def as_table(sheet: DataSheet) -> Iterator[list[str]]:
    """Yield a heading, then one row for each field that applies."""
    yield [
        _("Field"), _("Label"), _("Value"), _("From"), _("Needed"), _("Clause"), _("Problem"),
    ]  # fmt: skip
    for entry in Content(sheet).entries:
        yield _table_row(entry)


def _table_row(entry: Entry) -> list[str]:
    field = entry.field
    return [
        field.path or field.code,
        str(field.label),
        plain_text(entry),
        _("records") if entry.from_records else _("answer"),
        _("yes") if field.required else _("no"),
        field.clause or _("to be confirmed with the authority"),
        str(entry.problem),
    ]


def plain_text(entry: Entry) -> str:
    """Return the value of a field in words, rows separated by semicolons."""
    value = entry.value
    if isinstance(value, list | tuple):
        rows = (" ".join(str(v) for v in row.values() if v) for row in value)
        return "; ".join(rows)
    words = {**dict(entry.field.choices), "true": _("yes"), "false": _("no")}
    if entry.field.kind in (FieldKind.YES_NO, FieldKind.CHOICE):
        return str(words.get(str(value), value or ""))
    return "" if value is None else str(value)


def as_csv(sheet: DataSheet) -> str:
    """Return the table as CSV that no spreadsheet runs as formulas."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in as_table(sheet):
        writer.writerow([harmless(cell) for cell in row])
    return MARK + buffer.getvalue()
