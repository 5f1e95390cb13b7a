"""The explorer at scale: its first page, why, siblings, and the memory of a stream.

The reference of a page is the SQL it runs itself, timed in the same request: what the page adds to
that is ours to answer for. Why and siblings stand beside the plain walk backward of the same unit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.bench.database import bench_database
from tools.bench.genealogy import files
from tools.bench.measure import MILLI, Case, compare, in_turns

if TYPE_CHECKING:
    from traceability.trace import Trace

SCALE = 20_000
ROUNDS = 7
MANY_ROUNDS = 3
NODES = 100_000
STREAM_LIMIT_MB = 300
BACK = (
    "WITH RECURSIVE r (lot_id) AS (SELECT %s::bigint UNION SELECT i.lot_id FROM r"
    " JOIN traceability_eventoutput o ON o.lot_id = r.lot_id"
    " JOIN traceability_eventinput i ON i.event_id = o.event_id) SELECT lot_id FROM r"
)


def run(scale: int) -> list[Case]:
    """Load the genealogy and measure."""
    folder = files(scale, Path("var") / "bench" / f"genealogy-{scale}")
    meta = json.loads((folder / "meta.json").read_text())
    with bench_database(f"proofline_bench_explorer_{scale}") as owner:
        from tools.bench.loading import load  # noqa: PLC0415 - needs Django to be set up

        load(owner, folder)
        unit, hot = meta["sample_finished"][-1], meta["hot_lot_id"]
        wide = _wide(meta)
        return [
            _page("first-page-hot-lot", _ask("forward", hot), ROUNDS),
            _page("first-page-many-lots", _ask("forward", *wide), MANY_ROUNDS),
            _one_unit("siblings-one-unit", unit, lambda: _siblings(unit)),
            _one_unit("why-in-one-unit", unit, lambda: _why(hot, _reached(meta))),
            _one_unit("why-not-one-unit", unit, lambda: _why(hot, unit)),
            _stream(wide),
        ]


def _page(name: str, asked: Trace, rounds: int) -> Case:
    """Measure the whole page beside the SQL it runs."""
    ours, sql, size, queries = [], [], 0, 0
    for round_ in range(rounds + 1):
        with _timing() as taken:
            begun = time.perf_counter()
            text = _render(_again(asked))
            spent = (time.perf_counter() - begun) * MILLI
        if round_:
            ours.append(spent)
            sql.append(sum(taken))
        size, queries = len(text.encode()), len(taken)
    more = sorted(a - b for a, b in zip(ours, sql, strict=True))[len(ours) // 2]
    return compare(
        name,
        (ours, sql),
        what="the SQL of the same page",
        rows=_again(asked).counts.nodes,
        queries=queries,
        target="at most 300 ms more than its SQL",
        checks={"ms more than its SQL": round(more, 1), "kB of page": size // 1000},
    )


def _one_unit(name: str, unit: int, work: Callable[[], object]) -> Case:
    return compare(
        name,
        in_turns(work, lambda: _rows(BACK, unit), rounds=15),
        what="recursive SQL backward from a unit",
        rows=int(bool(work())),
        target="ours p50 <= 100 ms",
    )


def _stream(starts: list[int]) -> Case:
    """Measure the memory of this process while the whole answer is streamed as JSON."""
    from traceability.trace.export import answer_json  # noqa: PLC0415

    asked = _ask("forward", *starts)
    size = sum(len(part) for part in answer_json(asked))
    before = _resident()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew

    def stream() -> int:
        return sum(len(part) for part in answer_json(_again(asked)))

    times = in_turns(stream, lambda: _rows(BACK, starts[0]), rounds=MANY_ROUNDS)
    peak = _peak()
    return compare(
        "stream-many-lots",
        times,
        what="recursive SQL backward from one lot",
        rows=_again(asked).counts.nodes,
        peak_mb=peak,
        target=f"peak of the process < {STREAM_LIMIT_MB} MB at {NODES} lots",
        checks={
            "MB before": round(before, 1),
            "MB at most": round(peak, 1),
            "MB of file": size // 1_000_000,
            "below the limit": peak < STREAM_LIMIT_MB,
        },
    )


def _resident() -> float:
    return _status("VmRSS")


def _peak() -> float:
    return _status("VmHWM")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _wide(meta: dict[str, Any]) -> list[int]:
    """Return raw lots from which about 100,000 lots are reached, or all there are."""
    hot, count = meta["hot_lot_id"], 50
    while True:
        starts = [hot, *range(1, count)]
        if len(_ask("forward", *starts).reach.lots) >= NODES or count > hot // 10:
            return starts
        count *= 2


def _reached(meta: dict[str, Any]) -> int:
    """Return one finished lot that the hot lot went into."""
    return max(_ask("forward", meta["hot_lot_id"]).reach.lots)


def _ask(direction: str, *lots: int) -> Trace:
    from erp.core.actor import Actor  # noqa: PLC0415
    from traceability.trace import Direction, Start, Trace  # noqa: PLC0415

    actor = Actor(1, "bench", "Bench", read_sites=frozenset({None}))
    return Trace(Start.lots(*lots), Direction(direction), actor)


def _again(asked: Trace) -> Trace:
    """Return the same question, not yet walked."""
    return _ask(asked.direction, *asked.start.lot_ids)


def _render(asked: Trace) -> str:
    from django.http import QueryDict  # noqa: PLC0415
    from django.template.loader import render_to_string  # noqa: PLC0415

    from traceability.web.page import build  # noqa: PLC0415

    query = QueryDict(f"start=lot:{asked.start.lot_ids[0]}&direction=forward")
    return render_to_string("traceability/_answer.html", {"page": build(asked, query)})


def _siblings(unit: int) -> object:
    from traceability.trace import Direction, Siblings, Start  # noqa: PLC0415

    asked = _ask("forward", unit)
    found = Siblings(Start.lots(unit), Direction.SIBLINGS, asked.actor)
    return found.nodes(limit=50), found.through_of


def _why(start: int, lot: int) -> object:
    from traceability.trace.why import why_in, why_not  # noqa: PLC0415

    asked = _ask("forward", start)
    return why_in(asked, lot) or why_not(asked, lot)


def _rows(statement: str, lot: int) -> list[Any]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(statement, [lot])
        found: list[Any] = cursor.fetchall()
        return found


@contextmanager
def _timing() -> Iterator[list[float]]:
    """Collect the time of every statement, with the rows it fetches left out."""
    from django.db import connection  # noqa: PLC0415

    taken: list[float] = []

    def note(execute: Callable[..., Any], *rest: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*rest)
        finally:
            taken.append((time.perf_counter() - begun) * MILLI)

    with connection.execute_wrapper(note):
        yield taken
