"""A genealogy of lots in CSV: six levels from raw material to shipment, with one hot raw lot.

Where the generator of the shared folder is at hand its files are used; otherwise this module writes
files of the same shape: every made lot is the single output of one production that consumes three
to seven recent lots, most of them from the level below and the rest raw lots.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SEED = 20260101
RATIO = (0.2, 0.3, 0.4, 0.6, 1.0)
NAMES = ("RAW", "CMP", "SUB", "ASM", "FIN")
EPOCH = dt.date(2021, 1, 1)
DAYS = 1200
LEAD = 0.12
WINDOW = 4
HOT_SHARE = 0.02
FINISHED = 4
SAMPLES = 30
SHARED = Path(__file__).resolve().parents[3] / "shared" / "tools" / "genealogy.py"


def files(scale: int, folder: Path) -> Path:
    """Return a folder with the CSV files of ``scale`` finished lots; make missing ones."""
    given = os.environ.get("PROOFLINE_GENEALOGY")
    if given and _finished(Path(given)) == scale:
        return Path(given)
    if _finished(folder) != scale and not _by_shared_tool(scale, folder):
        write(scale, folder)
    return folder


def _finished(folder: Path) -> int:
    meta = folder / "meta.json"
    return int(json.loads(meta.read_text())["finished"]) if meta.exists() else 0


def _by_shared_tool(scale: int, folder: Path) -> bool:
    if not SHARED.exists():
        return False
    command = [sys.executable, str(SHARED), "--finished", str(scale), "--out", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@dataclass
class Graph:
    """The lots by level, and who consumed whom."""

    counts: list[int]
    items: list[int]
    consumed: dict[int, list[int]] = field(default_factory=dict)

    def first(self, level: int) -> int:
        """Return the id of the first lot of a level."""
        return sum(self.counts[:level]) + 1

    @property
    def hot(self) -> int:
        """Return the id of the hot raw lot, which has an item of its own."""
        return sum(self.counts) + 1

    def rows(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield (lot, item, level, day) of every lot."""
        for level, count in enumerate(self.counts):
            for i in range(count):
                item = sum(self.items[:level]) + 1 + i % self.items[level]
                day = int((level * LEAD + i / count) * DAYS)
                yield self.first(level) + i, item, level, day
        yield self.hot, sum(self.items) + 1, 0, 0


def write(scale: int, folder: Path) -> None:
    """Write the files of a small deterministic genealogy."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(SEED)  # noqa: S311 - made-up data
    counts = [max(10, round(scale * r)) for r in RATIO]
    graph = Graph(counts, [max(5, min(n // 10, 100)) for n in counts])
    _consume(graph, dice)
    reached = _heat(graph, round(counts[FINISHED] * HOT_SHARE))
    shipped = list(_ship(graph, dice))
    _write_lots(graph, folder, dice)
    _write_edges(graph, folder, dice)
    _table(folder / "customers.csv", ["customer_id", "name"], _customers())
    columns = ["line_id", "shipment_id", "customer_id", "lot_id", "qty", "date"]
    _table(folder / "shipments.csv", columns, shipped)
    (folder / "meta.json").write_text(json.dumps(_meta(graph, scale, reached, shipped)))


def _consume(graph: Graph, dice: random.Random) -> None:
    for level in range(1, 5):
        for i in range(graph.counts[level]):
            lot = graph.first(level) + i
            part = i / graph.counts[level]
            chosen = set()
            for k in range(dice.randint(3, 7)):
                source = 0 if level == 1 or k % 5 > 2 else level - 1  # noqa: PLR2004 - 60 % from below
                recent = int(part * graph.counts[source]) - dice.randrange(WINDOW * 10)
                chosen.add(graph.first(source) + max(0, recent))
            graph.consumed[lot] = sorted(chosen)


def _heat(graph: Graph, target: int) -> set[int]:
    """Let lots of every level consume the hot lot until about ``target`` finished lots hold it."""
    into = _forward(graph)
    reached: set[int] = set()
    finished = range(graph.first(FINISHED), graph.hot)
    for level, share in ((1, 0.55), (2, 0.8), (3, 0.95), (4, 1.0)):
        lot = graph.first(level) + int(graph.counts[level] * 0.4)
        while sum(1 for x in reached if x in finished) < target * share and lot < graph.first(
            level + 1
        ):
            new = _closure(into, [lot]) - reached
            if new:
                graph.consumed[lot].append(graph.hot)
                reached |= new
            lot += 1
    return reached


def _forward(graph: Graph) -> dict[int, list[int]]:
    into: dict[int, list[int]] = defaultdict(list)
    for lot, sources in graph.consumed.items():
        for source in sources:
            into[source].append(lot)
    return into


def _closure(edges: dict[int, list[int]], start: Iterable[int]) -> set[int]:
    seen = set(start)
    front = list(seen)
    while front:
        found = {n for lot in front for n in edges.get(lot, ())} - seen
        seen |= found
        front = list(found)
    return seen


def _ship(graph: Graph, dice: random.Random) -> Iterator[tuple[Any, ...]]:
    line = 0
    first, count = graph.first(FINISHED), graph.counts[FINISHED]
    for i in range(count):
        if dice.random() < 0.9:  # noqa: PLR2004 - nine of ten are shipped
            line += 1
            day = EPOCH + dt.timedelta(days=int((FINISHED * LEAD + i / count) * DAYS) + 9)
            shipment = (line - 1) // 4 + 1
            yield line, shipment, shipment % 50 + 1, first + i, dice.randint(1, 9), day


def _customers() -> list[tuple[int, str]]:
    return [(i, f"Customer {i:05d}") for i in range(1, 51)]


def _write_lots(graph: Graph, folder: Path, dice: random.Random) -> None:
    items = [(lvl, i) for lvl, n in enumerate(graph.items) for i in range(n)]
    named = [(k, f"{NAMES[lvl]}-{i:05d}", lvl) for k, (lvl, i) in enumerate(items, start=1)]
    named.append((len(items) + 1, "RAW-HOT", 0))
    columns = ["item_id", "code", "name", "level"]
    _table(folder / "items.csv", columns, ((k, c, f"Item {c}", lvl) for k, c, lvl in named))
    rows = (
        (lot, item, level, f"{NAMES[level]}-{lot:08d}", dice.randint(20, 500), _date(day))
        for lot, item, level, day in graph.rows()
    )
    _table(folder / "lots.csv", ["lot_id", "item_id", "level", "number", "qty", "date"], rows)


def _write_edges(graph: Graph, folder: Path, dice: random.Random) -> None:
    day = {lot: at for lot, _, _, at in graph.rows()}
    pairs = ((source, lot) for lot, sources in graph.consumed.items() for source in sources)
    rows = (
        (n, lot, source, lot, dice.randint(1, 9), _date(day[lot]))
        for n, (source, lot) in enumerate(pairs, start=1)
    )
    columns = ["edge_id", "production_id", "input_lot_id", "output_lot_id", "qty", "date"]
    _table(folder / "edges.csv", columns, rows)


def _date(day: int) -> dt.date:
    return EPOCH + dt.timedelta(days=day)


def _meta(
    graph: Graph, scale: int, reached: set[int], shipped: Sequence[tuple[Any, ...]]
) -> dict[str, Any]:
    first, count = graph.first(FINISHED), graph.counts[FINISHED]
    samples = [first + int(count * (0.4 + 0.6 * (k + 0.5) / SAMPLES)) for k in range(SAMPLES)]
    back = {s: _closure(graph.consumed, [s]) for s in samples}
    inside = [row for row in shipped if row[3] in reached]
    into = _forward(graph)
    return {
        "finished": scale,
        "seed": SEED,
        "lots": graph.hot,
        "edges": sum(map(len, graph.consumed.values())),
        "hot_lot_id": graph.hot,
        "sample_finished": samples,
        "expected": {
            "hot_forward": {
                "lots": len(reached),
                "finished": sum(1 for lot in reached if lot >= first),
                "edges": sum(len(into[lot]) for lot in reached | {graph.hot}),
                "shipment_lines": len(inside),
                "customers": len({row[2] for row in inside}),
            },
            "backward": {
                str(s): {
                    "lots": len(lots) - 1,
                    "edges": sum(len(graph.consumed.get(lot, ())) for lot in lots),
                }
                for s, lots in back.items()
            },
        },
    }


def _table(path: Path, columns: list[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)
