"""The evidence check over a whole genealogy, and saving and comparing its largest trace.

The reference of a check is one plain SQL scan of the same rows: every lot with the sums of its
outputs and inputs and its first making and use, in whole-table joins. It answers three of the
checks and keeps nothing; ours makes all checks, opens and closes findings and keeps the score. The
reference of saving and comparing is the plain recursive walk of the same trace.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from tools.bench.database import bench_database
from tools.bench.genealogy import files
from tools.bench.measure import Case, compare, in_turns, peak_mb, timed
from tools.bench.trace import _ask, _plain

if TYPE_CHECKING:
    from erp.core.context import Context
    from traceability.completeness.models import CheckRun

SCALE = 20_000
ROUNDS = 3
CODES = (
    "traceability.check_evidence",
    "traceability.carry_out_check",
    "traceability.save_trace",
)

SCAN = """
    WITH made AS (
        SELECT o.lot_id, sum(o.quantity) AS quantity, min(e.event_time) AS first
        FROM traceability_eventoutput o JOIN traceability_traceevent e ON e.id = o.event_id
        GROUP BY o.lot_id),
    used AS (
        SELECT i.lot_id, sum(i.quantity) AS quantity, min(e.event_time) AS first
        FROM traceability_eventinput i JOIN traceability_traceevent e ON e.id = i.event_id
        GROUP BY i.lot_id),
    stock AS (SELECT lot_id, sum(quantity) AS quantity FROM inventory_balance GROUP BY lot_id)
    SELECT l.id, m.quantity, u.quantity, s.quantity FROM traceability_lot l
    LEFT JOIN made m ON m.lot_id = l.id LEFT JOIN used u ON u.lot_id = l.id
    LEFT JOIN stock s ON s.lot_id = l.id
    WHERE (u.lot_id IS NOT NULL AND m.lot_id IS NULL) OR u.first < m.first
       OR coalesce(m.quantity, 0) <> coalesce(u.quantity, 0) + coalesce(s.quantity, 0)"""

# What the genealogy lacks to be a plant in order: places, a ledger of what is left, shipments.
ORDER = (
    "UPDATE masterdata_item SET inspection_required = false",
    "UPDATE traceability_lot SET state = 'quarantine'",
    """INSERT INTO masterdata_location (row_version, site_id, code, name, kind, virtual)
       VALUES (1, 1, 'FROM', 'From', 'supplier', true), (1, 1, 'STORE', 'Store', 'storage', false)
    """,
    """INSERT INTO inventory_stockmove
           (event_id, lot_id, quantity, from_location_id, from_status, to_location_id, to_status)
       SELECT o.event_id, o.lot_id, o.quantity - coalesce(u.quantity, 0), f.id, '', t.id,
              'available'
       FROM traceability_eventoutput o
       JOIN masterdata_location f ON f.code = 'FROM' JOIN masterdata_location t ON t.code = 'STORE'
       LEFT JOIN (SELECT lot_id, sum(quantity) AS quantity
                  FROM traceability_eventinput GROUP BY lot_id) u ON u.lot_id = o.lot_id
       WHERE o.quantity > coalesce(u.quantity, 0)""",
)


def run(scale: int) -> list[Case]:
    """Load the genealogy and measure."""
    folder = files(scale, Path("var") / "bench" / f"genealogy-{scale}")
    hot = json.loads((folder / "meta.json").read_text())["hot_lot_id"]
    with bench_database(f"proofline_bench_completeness_{scale}") as owner:
        from tools.bench.loading import load  # noqa: PLC0415 - needs Django to be set up

        load(owner, folder)
        _put_in_order(owner)
        return [*_checks(), *_traces(hot)]


def _put_in_order(owner: str) -> None:
    with psycopg.connect(owner) as db:
        if db.execute("SELECT 1 FROM masterdata_location LIMIT 1").fetchone():
            return
        for statement in ORDER:
            db.execute(statement)
    with psycopg.connect(owner, autocommit=True) as db:
        db.execute("VACUUM ANALYZE")


def _checks() -> list[Case]:
    runs: list[CheckRun] = []
    scan = [timed(_scan) for _ in range(ROUNDS)]
    first = [timed(lambda: runs.append(_check(full=True)))]
    what = "one plain SQL scan of the same rows, for three of the checks"
    opened = _open_findings()
    made = [
        compare(
            "full-check-first",
            (first * 2, scan),
            what=what,
            rows=runs[0].lots,
            checks={"findings opened": opened, "milliseconds": runs[0].milliseconds},
        )
    ]
    made.append(
        compare(
            "full-check-again",
            in_turns(lambda: runs.append(_check(full=True)), _scan, rounds=ROUNDS, warm=0),
            what=what,
            rows=runs[-1].lots,
            peak_mb=peak_mb(lambda: _check(full=True)),
            checks={"nothing opened twice": _open_findings() == opened},
        )
    )
    made.append(
        compare(
            "changes-only",
            in_turns(lambda: runs.append(_check(full=False)), _scan, rounds=ROUNDS, warm=0),
            what=what,
            rows=runs[-1].lots,
            checks={"lots looked at": runs[-1].lots},
        )
    )
    return made


def _traces(hot: int) -> list[Case]:
    from traceability.saved import questions  # noqa: PLC0415
    from traceability.saved.compare import Comparison, kept, live  # noqa: PLC0415
    from traceability.saved.models import SavedTrace  # noqa: PLC0415
    from traceability.saved.operations import save_trace  # noqa: PLC0415

    ctx = _ctx()

    def save() -> SavedTrace:
        return save_trace(ctx, start=[f"lot:{hot}"], direction="forward")

    def difference() -> Comparison:
        saved = SavedTrace.objects.latest("pk")
        now = live(questions.again(saved, ctx.actor), "now")
        return Comparison.of(kept(saved, ctx.actor), now)

    plain = _plain("forward", hot)
    what = "recursive SQL for the lots, and again for the links, as tuples"
    saving = in_turns(save, plain, rounds=ROUNDS, warm=0)
    saved = SavedTrace.objects.latest("pk")
    size = saved.lots + saved.units + saved.links
    return [
        compare("save-hot-trace", saving, what=what, rows=size, peak_mb=peak_mb(save)),
        compare(
            "compare-hot-trace-with-now",
            in_turns(lambda: difference().sums, plain, rounds=ROUNDS, warm=1),
            what=what,
            rows=size,
            peak_mb=peak_mb(lambda: difference().sums),
            checks={
                "nothing changed": not difference().sums.changed,
                "same as asked": len(_ask("forward", hot).reach.ids) == saved.lots + saved.units,
            },
        ),
        compare(
            "compare-hot-trace-lots",
            in_turns(lambda: difference().lots(limit=50), plain, rounds=ROUNDS, warm=1),
            what=what,
            rows=size,
        ),
    ]


def _ctx() -> Context:
    from erp.core.actor import Actor  # noqa: PLC0415
    from erp.core.context import Channel, Context  # noqa: PLC0415

    everywhere: frozenset[int | None] = frozenset({None})
    grants = dict.fromkeys(CODES, everywhere)
    actor = Actor(1, "bench", "Bench", grants=grants, read_sites=everywhere)
    return Context(actor=actor, channel=Channel.TASK)


def _check(*, full: bool) -> CheckRun:
    from traceability.completeness.operations import (  # noqa: PLC0415
        carry_out_check,
        check_evidence,
    )

    run: CheckRun = check_evidence(_ctx(), full=full)
    done: CheckRun = carry_out_check(_ctx(), run_id=run.pk)
    return done


def _open_findings() -> dict[str, int]:
    from django.db.models import Count  # noqa: PLC0415

    from traceability.completeness.models import Finding  # noqa: PLC0415

    rows = Finding.objects.open().order_by("check_code").values_list("check_code")
    return dict(rows.annotate(n=Count("pk")))


def _scan() -> list[Any]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(SCAN)
        found: list[Any] = cursor.fetchall()
        return found
