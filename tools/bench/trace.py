"""Forward trace of a hot raw lot and backward traces of finished lots, against plain SQL.

The reference is the best plain SQL walk of the same rows that we know: one recursive statement over
the covering indexes, once for the lots with their details and once for the links, written as plain
joins and as lateral joins (which keep the planner from reading whole tables); of the two the faster
one counts. It knows nothing of visibility, voided events, units inside lots, levels or marks, all
of which ours answers too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.bench.database import bench_database
from tools.bench.genealogy import files
from tools.bench.measure import Case, compare, in_turns, peak_mb, timed

if TYPE_CHECKING:
    from traceability.trace import Trace

SCALE = 20_000
ROUNDS = 15
SAMPLES = 10

STEP = {
    "forward": "SELECT o.lot_id FROM r JOIN traceability_eventinput i ON i.lot_id = r.lot_id"
    " JOIN traceability_eventoutput o ON o.event_id = i.event_id",
    "backward": "SELECT i.lot_id FROM r JOIN traceability_eventoutput o ON o.lot_id = r.lot_id"
    " JOIN traceability_eventinput i ON i.event_id = o.event_id",
}
WALK = "WITH RECURSIVE r (lot_id) AS (SELECT %s::bigint UNION {step}) "
IDS = "SELECT lot_id FROM r"
NODES = (
    "SELECT l.id, l.number, l.kind, l.state, l.item_id, m.code, m.name, m.kind, l.batch_id, s.code"
    " FROM r JOIN traceability_lot l ON l.id = r.lot_id JOIN masterdata_item m ON m.id = l.item_id"
    " JOIN accounts_site s ON s.id = l.site_id"
)
LATERAL_NODES = (
    "SELECT l.*, m.code, m.name, m.kind, s.code FROM r CROSS JOIN LATERAL (SELECT id, number, kind,"
    " state, item_id, batch_id, site_id FROM traceability_lot l WHERE l.id = r.lot_id OFFSET 0) l"
    " JOIN masterdata_item m ON m.id = l.item_id JOIN accounts_site s ON s.id = l.site_id"
)
LINKS = (
    "SELECT i.event_id, i.lot_id, o.lot_id, i.quantity, o.quantity, e.precision, e.event_time,"
    " e.biz_step FROM r JOIN traceability_event{a} {x} ON {x}.lot_id = r.lot_id"
    " JOIN traceability_event{b} {y} ON {y}.event_id = {x}.event_id"
    " JOIN traceability_traceevent e ON e.id = {x}.event_id"
)
LATERAL_LINKS = (
    "SELECT k.* FROM r CROSS JOIN LATERAL (SELECT i.event_id, i.lot_id, o.lot_id, i.quantity,"
    " o.quantity, e.precision, e.event_time, e.biz_step FROM traceability_event{a} {x}"
    " JOIN traceability_event{b} {y} ON {y}.event_id = {x}.event_id"
    " JOIN traceability_traceevent e ON e.id = {x}.event_id WHERE {x}.lot_id = r.lot_id OFFSET 0) k"
)
ENDS = {
    "forward": {"a": "input", "x": "i", "b": "output", "y": "o"},
    "backward": {"a": "output", "x": "o", "b": "input", "y": "i"},
}


def run(scale: int) -> list[Case]:
    """Load the genealogy and measure."""
    folder = files(scale, Path("var") / "bench" / f"genealogy-{scale}")
    meta = json.loads((folder / "meta.json").read_text())
    with bench_database(f"proofline_bench_trace_{scale}") as owner:
        from tools.bench.loading import load  # noqa: PLC0415 - needs Django to be set up

        load(owner, folder)
        return [*_forward(meta), *_backward(meta)]


def _forward(meta: dict[str, Any]) -> Iterator[Case]:
    hot, expected = meta["hot_lot_id"], meta["expected"]["hot_forward"]
    answer, queries = _counted(lambda: _ask("forward", hot).answer())
    checks = _checks(answer, expected) | {
        "customers": _customers(hot) == expected["customers"],
        "finished": sum(n.item_kind == "product" for n in answer.nodes) == expected["finished"],
    }
    size = len(answer.nodes) + len(answer.links)
    yield compare(
        "forward-hot-lot",
        in_turns(lambda: _ask("forward", hot).answer(), _plain("forward", hot), rounds=ROUNDS),
        what="recursive SQL for the lots, and again for the links, as tuples",
        rows=size,
        queries=queries,
        peak_mb=peak_mb(lambda: _ask("forward", hot).answer()),
        target="ratio <= 1.3",
        checks=checks,
    )
    yield compare(
        "forward-hot-lot-lots-only",
        in_turns(
            lambda: _ask("forward", hot).reach,
            lambda: _rows(WALK.format(step=STEP["forward"]) + IDS, hot),
            rounds=ROUNDS,
        ),
        what="recursive SQL for the ids alone; ours gives levels, too",
        rows=len(answer.nodes),
        queries=1,
        target="ratio <= 1.3",
    )
    yield compare(
        "forward-hot-lot-stream",
        in_turns(lambda: _stream(hot), _plain("forward", hot), rounds=5),
        what="recursive SQL for the lots, and again for the links, all in memory",
        rows=size,
        queries=3,
        peak_mb=peak_mb(lambda: _stream(hot)),
        target="peak_mb < 300",
    )
    yield compare(
        "forward-hot-lot-words",
        in_turns(lambda: _words(hot), _plain("forward", hot), rounds=5),
        what="recursive SQL for the lots, and again for the links, as tuples",
        rows=size,
        queries=_counted(lambda: _words(hot))[1],
    )


def _backward(meta: dict[str, Any]) -> Iterator[Case]:
    samples = meta["sample_finished"][:SAMPLES]
    expected = meta["expected"]["backward"]
    ours: list[float] = []
    reference: list[float] = []
    checks: dict[str, bool] = {}
    rows = queries = 0
    for lot in samples:
        answer, queries = _counted(lambda lot=lot: _ask("backward", lot).answer())  # type: ignore[misc]
        checks |= {f"{lot} {k}": ok for k, ok in _checks(answer, expected[str(lot)]).items()}
        rows += len(answer.nodes) + len(answer.links)
        mine, plain = in_turns(
            lambda lot=lot: _ask("backward", lot).answer(),  # type: ignore[misc]
            _plain("backward", lot),
            rounds=ROUNDS,
        )
        ours += mine
        reference += plain
    yield compare(
        "backward-one-unit",
        (ours, reference),
        what="recursive SQL for the lots, and again for the links, as tuples",
        rows=rows // len(samples),
        queries=queries,
        peak_mb=peak_mb(lambda: _ask("backward", samples[0]).answer()),
        target="at most 20 ms more",
        checks={"lots and links as expected": all(checks.values())},
    )
    hot = meta["hot_lot_id"]
    yield compare(
        "why-one-unit",
        in_turns(lambda: _why(hot, samples[-1]), _plain("backward", samples[-1]), rounds=ROUNDS),
        what="recursive SQL backward from the unit",
        target="ours p50 <= 100 ms",
    )


def _ask(direction: str, lot: int) -> Trace:
    from erp.core.actor import Actor  # noqa: PLC0415
    from traceability.trace import Direction, Start, Trace  # noqa: PLC0415

    actor = Actor(1, "bench", "Bench", read_sites=frozenset({None}))
    return Trace(Start.lots(lot), Direction(direction), actor)


def _plain(direction: str, lot: int) -> Callable[[], tuple[list[Any], list[Any]]]:
    """Return the faster of the two ways to write the walk, measured on this lot."""
    walk, ends = WALK.format(step=STEP[direction]), ENDS[direction]
    nodes = _faster([walk + NODES, walk + LATERAL_NODES], lot)
    links = _faster([walk + LINKS.format(**ends), walk + LATERAL_LINKS.format(**ends)], lot)
    return lambda: (_rows(nodes, lot), _rows(links, lot))


def _faster(statements: list[str], lot: int) -> str:
    for statement in statements:
        _rows(statement, lot)
    return min(
        statements, key=lambda one: min(timed(lambda: _rows(one, lot)) for _round in range(3))
    )


def _rows(statement: str, lot: int) -> list[Any]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(statement, [lot])
        found: list[Any] = cursor.fetchall()
        return found


def _stream(lot: int) -> int:
    trace = _ask("forward", lot)
    return sum(1 for _node in trace.stream_nodes()) + sum(1 for _link in trace.stream_links())


def _words(lot: int) -> str:
    from traceability.trace.words import summary  # noqa: PLC0415

    return summary(_ask("forward", lot)).answer


def _why(start: int, lot: int) -> object:
    from traceability.trace.why import why_in, why_not  # noqa: PLC0415

    trace = _ask("forward", start)
    return why_in(trace, lot) or why_not(trace, lot)


def _checks(answer: Any, expected: dict[str, int]) -> dict[str, bool]:
    return {
        "lots": len(answer.nodes) - 1 == expected["lots"],
        "links": len(answer.links) == expected["edges"],
        "complete": answer.complete,
    }


def _customers(hot: int) -> int:
    """Count the customers as they stand in the file, by the shipment events of the answer."""
    from django.db import connection  # noqa: PLC0415

    ids = _ask("forward", hot).event_ids
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT note) FROM traceability_traceevent WHERE biz_step = 'shipping'"
            " AND id IN (SELECT unnest(%s::bigint[]))",
            [ids.literal],
        )
        return int(cursor.fetchone()[0])


@contextmanager
def _counting() -> Iterator[list[int]]:
    from django.db import connection  # noqa: PLC0415

    seen = [0]

    def count(execute: Callable[..., Any], *rest: Any) -> Any:
        seen[0] += 1
        return execute(*rest)

    with connection.execute_wrapper(count):
        yield seen


def _counted(work: Callable[[], Any]) -> tuple[Any, int]:
    with _counting() as seen:
        result = work()
    return result, seen[0]
