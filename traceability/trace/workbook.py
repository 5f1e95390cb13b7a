"""The whole answer as an XLSX workbook, written row by row to a temporary file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from erp.ui.plain import harmless
from traceability.trace.export import (
    LINK_CELLS,
    NODE_CELLS,
    Asking,
    Digest,
    link_cells,
    link_json,
    node_json,
    with_cells,
)
from traceability.trace.query import Trace
from traceability.trace.siblings import Siblings

ROWS = 1_000_000
"""A sheet holds 1,048,576 rows; a longer answer goes on in a further sheet."""
SPOOLED = 2**20
WIDTH = 18
"""Of a column, in characters: a lot number is read whole."""


def trace_workbook(trace: Trace) -> IO[bytes]:
    """Return a file, at its beginning, with sheets for the answer, lots, links and facts."""
    book = Workbook(write_only=True)
    cover = book.create_sheet(_("Answer"))
    digest = Digest()
    _fill(book, _("Lots and units"), NODE_CELLS, _nodes(trace, digest))
    if isinstance(trace, Siblings):
        _fill(book, _("Through"), ("lot_id", "via", "record", "detail"), _through(trace))
    _fill(book, _("Links"), LINK_CELLS, _links(trace, digest))
    _fill(book, _("Facts"), ("section", "record", "detail", "at"), _facts(trace))
    # Last, though it stands first: by now the hash of the rows is known.
    for label, text in [*Asking.now(trace).facts(trace), ("SHA-256", digest.hexdigest())]:
        cover.append([_cell(label), _cell(text)])
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 - given away
    book.save(file)
    file.seek(0)
    return file


def _fill(
    book: Workbook, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    sheet = _sheet(book, title, columns)
    for number, row in enumerate(rows, start=1):
        if number % ROWS == 0:
            sheet = _sheet(book, f"{title} {number // ROWS + 1}", columns)
        sheet.append([_cell(cell) for cell in row])


def _sheet(book: Workbook, title: str, columns: Sequence[str]) -> WriteOnlyWorksheet:
    sheet: WriteOnlyWorksheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place in range(len(columns)):
        sheet.column_dimensions[get_column_letter(place + 1)].width = WIDTH
    sheet.append(list(columns))
    return sheet


def _nodes(trace: Trace, digest: Digest) -> Iterator[Sequence[Any]]:
    for node, cells in with_cells(trace):
        digest.text(node_json(node))
        yield cells


def _links(trace: Trace, digest: Digest) -> Iterator[Sequence[Any]]:
    cells = link_cells(trace)
    for link in trace.stream_links(ordered=True):
        row = link_json(link)
        digest.text(row)
        yield cells(row)


def _through(trace: Siblings) -> Iterator[Sequence[Any]]:
    for through in trace.through:
        for lot_id in through.lots:
            yield lot_id, through.via, through.record.label, through.record.detail


def _facts(trace: Trace) -> Iterator[Sequence[Any]]:
    for section in trace.facets():
        for row in section.rows:
            at = timezone.localtime(row.at).isoformat(timespec="seconds") if row.at else ""
            yield section.title, row.label, row.detail, at


def _cell(value: Any) -> Any:
    """Return a cell: numbers and truth as such, anything else as text that starts no formula."""
    if value is None or isinstance(value, bool | int):
        return value
    return harmless(ILLEGAL_CHARACTERS_RE.sub("", str(value)))
