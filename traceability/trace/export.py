"""The whole answer as CSV or JSON, row by row: memory does not grow with its size.

Every file says what was asked, when, by whom, whether the answer is complete, and carries a SHA-256
over its rows. The hash of the rows is the same in JSON, XLSX and PDF of one answer: that of each
lot, then each link, as the JSON export writes it, one a line, ordered by id. Where a lot is now
("now_at") is no part of the answer: it stands in tables only, outside of that hash. The hash of a
CSV file covers the bytes of its rows, whatever stands in them.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from erp.core import clock
from erp.core.quantities import plain
from erp.ui.evidence.version import application_version
from erp.ui.plain import harmless
from traceability.ids import IdSet
from traceability.queries import units_of
from traceability.trace.answer import Gap, Link, Node
from traceability.trace.query import Trace
from traceability.trace.siblings import Siblings, Through
from traceability.trace.words import summary
from traceability.whereabouts import places_of

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

BLOCK = 500
PLACED = 2000
NODE_COLUMNS = (
    "lot_id", "level", "number", "kind", "state", "item", "name", "item_kind", "site", "whole",
    "marks",
)  # fmt: skip
NODE_CELLS = (*NODE_COLUMNS, "now_at")
"""The columns of a file: what the answer says of a lot, and where it is at the time of asking."""
LINK_COLUMNS = (
    "event_id", "input_id", "output_id", "input_quantity", "output_quantity", "precision",
    "event_time", "biz_step",
)  # fmt: skip

LINK_CELLS = (
    "event_id", "input_id", "input", "input_quantity", "input_unit", "output_id", "output",
    "output_quantity", "output_unit", "precision", "event_time", "biz_step",
)  # fmt: skip
"""The columns of a file: beside the ids the numbers of the lots, beside quantities their units."""


class Digest:
    """The SHA-256 over rows as JSON, one a line."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def text(self, row: dict[str, Any]) -> str:
        """Take a row in, and return it as JSON."""
        text = json.dumps(row, ensure_ascii=False)
        self._hash.update(text.encode() + b"\n")
        return text

    def hexdigest(self) -> str:
        """Return the hash of the rows so far."""
        return self._hash.hexdigest()


@dataclass(frozen=True)
class Asking:
    """Who asked, and when; every file carries it."""

    who: str
    at: dt.datetime

    @classmethod
    def now(cls, trace: Trace) -> Asking:
        """Return the asking of this trace at this moment."""
        return cls(trace.actor.name or trace.actor.username, clock.now())

    def facts(self, trace: Trace) -> list[tuple[str, str]]:
        """Return what a file says of itself, as label and text."""
        said, counts = summary(trace), trace.counts
        known = [(_("As known at"), _instant(trace.as_known_at))] if trace.as_known_at else []
        gaps = [(_("Not complete"), f"{gap.count} {gap.sentence}") for gap in trace.gaps]
        whole = [(_("Complete"), _("Complete: nothing that is recorded was left out."))]
        return [
            (_("Question"), said.question),
            (_("Answer"), said.answer),
            (_("Asked at"), _instant(self.at)),
            (_("Asked by"), self.who),
            *known,
            *(gaps or whole),
            (_("Lots and units"), str(counts.nodes)),
            (_("Links"), str(counts.links)),
            (_("Made by"), application_version()),
        ]


def _instant(moment: dt.datetime | None) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else ""


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


def through_json(trace: Siblings) -> list[dict[str, Any]]:
    """Return what makes siblings, with how many each, in JSON types."""
    return [
        {
            "token": way.token,
            "via": way.via,
            "shared": str(way.kind),
            "record": way.record.label,
            "url": way.record.url,
            "detail": str(way.record.detail),
            "siblings": len(way.lots),
        }
        for way in trace.through
    ]


def head_json(trace: Trace) -> dict[str, Any]:
    """Return everything about an answer but its rows."""
    said, counts = summary(trace), trace.counts
    asking = Asking.now(trace)
    return {
        "asked_at": asking.at.isoformat(),
        "asked_by": asking.who,
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
        **({"through": through_json(trace)} if isinstance(trace, Siblings) else {}),
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
    """Yield the lots as CSV; siblings with what makes them some."""
    through = trace.through_of if isinstance(trace, Siblings) else None
    columns = (*NODE_CELLS, "through") if through is not None else NODE_CELLS
    rows = (
        [*cells, *([_ways(through.get(n.lot_id, ()))] if through is not None else [])]
        for n, cells in with_cells(trace)
    )
    return _csv(trace, columns, rows)


def with_cells(trace: Trace) -> Iterator[tuple[Node, list[Any]]]:
    """Yield lots of an answer with their cells; where they are is asked for many at once."""
    rest = trace.stream_nodes(ordered=True)
    while block := list(islice(rest, PLACED)):
        places = places_of(trace.actor, [node.lot_id for node in block])
        for node in block:
            said = [getattr(node, column) for column in NODE_COLUMNS[:-1]]
            here = "; ".join(map(str, places.get(node.lot_id, ())))
            yield node, [*said, " ".join(node.marks), here]


def _ways(through: Iterable[Through]) -> str:
    return "; ".join(f"{way.via} {way.record.label}" for way in through)


def links_csv(trace: Trace) -> Iterator[str]:
    """Yield the links as CSV."""
    cells = link_cells(trace)
    return _csv(trace, LINK_CELLS, (cells(link_json(k)) for k in trace.stream_links(ordered=True)))


def link_cells(trace: Trace) -> Callable[[dict[str, Any]], list[Any]]:
    """Return what turns a link in JSON types into cells: people know lots by number, not by id."""
    numbers = {n.lot_id: n.number for n in trace.stream_nodes()}
    units = units_of(IdSet(numbers))

    def cells(link: dict[str, Any]) -> list[Any]:
        row = dict(link)
        for end in ("input", "output"):
            row[end] = numbers.get(row[f"{end}_id"], "")
            measured = row[f"{end}_quantity"] is not None
            row[f"{end}_unit"] = units.get(row[f"{end}_id"], "") if measured else ""
        return [row[column] for column in LINK_CELLS]

    return cells


def answer_json(trace: Trace) -> Iterator[str]:
    """Yield the whole answer as one JSON object, its last member the hash of its rows."""
    digest = Digest()
    head = json.dumps(head_json(trace), ensure_ascii=False)
    yield head[:-1] + ', "nodes": ['
    yield from _json_rows(digest, map(node_json, trace.stream_nodes(ordered=True)))
    yield '], "links": ['
    yield from _json_rows(digest, map(link_json, trace.stream_links(ordered=True)))
    yield f'], "sha256": "{digest.hexdigest()}"}}\n'


def digest_of(trace: Trace) -> str:
    """Return the hash of the rows of an answer, reading it through once."""
    digest = Digest()
    for node in trace.stream_nodes(ordered=True):
        digest.text(node_json(node))
    for link in trace.stream_links(ordered=True):
        digest.text(link_json(link))
    return digest.hexdigest()


def _json_rows(digest: Digest, rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    block: list[str] = []
    first = True
    for row in rows:
        block.append(digest.text(row))
        if len(block) == BLOCK:
            yield ("" if first else ",\n") + ",\n".join(block)
            block, first = [], False
    if block:
        yield ("" if first else ",\n") + ",\n".join(block)


def _csv(trace: Trace, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield the rows, then lines that begin with "#": what the file is, and its hash.

    The hash covers every byte before the first such line.
    """
    digest = hashlib.sha256()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")  # spreadsheets take UTF-8 for what it is only with this mark
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow(["" if cell is None else _cell(cell) for cell in row])
        if number % BLOCK == 0:
            yield _hashed(digest, buffer)
    yield _hashed(digest, buffer)
    told = [*Asking.now(trace).facts(trace), ("SHA-256", digest.hexdigest())]
    writer.writerows([f"# {label}", harmless(text)] for label, text in told)
    yield _emptied(buffer)


def _hashed(digest: Hash, buffer: io.StringIO) -> str:
    text = _emptied(buffer)
    digest.update(text.encode())
    return text


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def file_name(trace: Trace, ending: str) -> str:
    """Return the name of the file: from where, which way, of which day, and whether it is complete.

    Of several starts it has the first and how many there are besides.
    """
    records = trace.start.records
    label = re.sub(r"[^A-Za-z0-9._]+", "-", records[0].label).strip("-")[:40] if records else ""
    others = f"and-{len(records) - 1}-more" if len(records) > 1 else ""
    remark = "" if trace.complete else "incomplete"
    parts = ("trace", label, others, trace.direction, remark, clock.today().isoformat())
    return f"{'-'.join(part for part in parts if part)}.{ending}"
