"""The whole answer as CSV or JSON, row by row: memory does not grow with its size."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from erp.core.quantities import plain
from erp.ui.plain import harmless
from traceability.trace.answer import Gap, Link, Node
from traceability.trace.query import Trace
from traceability.trace.words import summary

BLOCK = 500
NODE_COLUMNS = (
    "lot_id", "level", "number", "kind", "state", "item", "name", "item_kind", "site", "whole",
    "marks",
)  # fmt: skip
LINK_COLUMNS = (
    "event_id", "input_id", "output_id", "input_quantity", "output_quantity", "precision",
    "event_time", "biz_step",
)  # fmt: skip


def node_json(node: Node) -> dict[str, Any]:
    """Return a lot of the answer in JSON types."""
    return {**node._asdict(), "marks": list(node.marks), "url": f"/lots/{node.lot_id}/"}


def link_json(link: Link) -> dict[str, Any]:
    """Return a link in JSON types; quantities as text, as everywhere in the API."""
    return {
        **link._asdict(),
        "input_quantity": None if link.input_quantity is None else plain(link.input_quantity),
        "output_quantity": None if link.output_quantity is None else plain(link.output_quantity),
        "event_time": link.event_time.isoformat() if link.event_time else None,
        "membership": link.membership,
    }


def gap_json(gap: Gap) -> dict[str, Any]:
    """Return a reason why the answer is not complete in JSON types."""
    return {"code": gap.code, "count": gap.count, "detail": f"{gap.count} {gap.sentence}"}


def head_json(trace: Trace) -> dict[str, Any]:
    """Return everything about an answer but its rows."""
    said, counts = summary(trace), trace.counts
    return {
        "question": said.question,
        "answer": said.answer,
        "direction": trace.direction,
        "start": [
            {"kind": str(r.kind), "label": r.label, "token": r.token} for r in trace.start.records
        ],
        "as_known_at": trace.as_known_at.isoformat() if trace.as_known_at else None,
        "depth": trace.depth,
        "complete": trace.complete,
        "gaps": [gap_json(gap) for gap in trace.gaps],
        "counts": {
            "nodes": counts.nodes,
            "lots": counts.lots,
            "units": counts.units,
            "items": counts.items,
            "links": counts.links,
            "events": counts.events,
            "levels": counts.levels,
        },
    }


def nodes_csv(trace: Trace) -> Iterator[str]:
    """Yield the lots as CSV."""
    rows = (
        [*(getattr(n, c) for c in NODE_COLUMNS[:-1]), " ".join(n.marks)]
        for n in trace.stream_nodes()
    )
    return _csv(NODE_COLUMNS, rows)


def links_csv(trace: Trace) -> Iterator[str]:
    """Yield the links as CSV."""
    rows = ([link_json(k)[c] for c in LINK_COLUMNS] for k in trace.stream_links())
    return _csv(LINK_COLUMNS, rows)


def answer_json(trace: Trace) -> Iterator[str]:
    """Yield the whole answer as one JSON object."""
    head = json.dumps(head_json(trace), ensure_ascii=False)
    yield head[:-1] + ', "nodes": ['
    yield from _json_rows(map(node_json, trace.stream_nodes()))
    yield '], "links": ['
    yield from _json_rows(map(link_json, trace.stream_links()))
    yield "]}\n"


def _json_rows(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    block: list[str] = []
    first = True
    for row in rows:
        block.append(json.dumps(row, ensure_ascii=False))
        if len(block) == BLOCK:
            yield ("" if first else ",\n") + ",\n".join(block)
            block, first = [], False
    if block:
        yield ("" if first else ",\n") + ",\n".join(block)


def _csv(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    yield "\ufeff"  # spreadsheets take UTF-8 for what it is only with this mark
    for number, row in enumerate(rows, start=1):
        writer.writerow(["" if cell is None else _cell(cell) for cell in row])
        if number % BLOCK == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def file_name(trace: Trace, ending: str) -> str:
    """Return the name of the file; it says when the answer is not complete."""
    remark = "" if trace.complete else "-incomplete"
    return f"trace-{trace.direction}{remark}.{ending}"
