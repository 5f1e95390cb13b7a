"""Rows as an XLSX workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.workbook.child import INVALID_TITLE_REGEX

from erp.ui.plain import harmless

TITLE_LENGTH = 31


def workbook(title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook with one sheet; every cell is text, so lot numbers keep their zeros."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(INVALID_TITLE_REGEX.sub("-", title[:TITLE_LENGTH]))
    for row in rows:
        sheet.append([harmless(ILLEGAL_CHARACTERS_RE.sub("", cell)) for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
