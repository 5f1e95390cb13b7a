"""Every list and record page with few lots and with many: the same queries, and nearly the same
time.

Lots, their events, ledger rows, balances and history are made in bulk by SQL, as the owner; every
other kind gets a few rows. The same address is asked at both sizes, signed in, in this process,
through all middleware and the template. The reference is the page with 100 lots.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from tools.bench.database import bench_database
from tools.bench.measure import Case, compare, timed

if TYPE_CHECKING:
    from django.test import Client

    from tools.bench._plant import Plant

SCALE = 100_000
FEW = 100
ROUNDS = 20
WARM = 2
COMPANIONS = 3
TARGET = "the same number of queries; p95 <= 150 ms"
FILL = Path(__file__).with_name("pages.sql")


@dataclass
class Measured:
    """A page at one size."""

    times: list[float]
    queries: int
    rows: int


def run(scale: int) -> list[Case]:
    """Measure all pages with 100 lots, then with ``scale``."""
    with bench_database("proofline_bench_pages") as owner:
        from django.test import Client  # noqa: PLC0415 - needs Django to be set up

        from tools.bench._plant import make_plant  # noqa: PLC0415

        plant = make_plant()
        addresses = _furnish(plant)
        client = Client()
        client.force_login(plant.ada)
        _fill(owner, 1, FEW)
        few = {name: _measure(client, url) for name, url in addresses.items()}
        _fill(owner, FEW + 1, scale)
        many = {name: _measure(client, url) for name, url in addresses.items()}
    return [_case(name, scale, few[name], many[name]) for name in addresses]


def _furnish(plant: Plant) -> dict[str, str]:
    """Make a few rows of every kind and return the addresses of all pages by name."""
    from erp.ui.records import KINDS  # noqa: PLC0415
    from tests.ui.rows import Filler, with_page  # noqa: PLC0415

    filler = Filler(plant.site, plant.ada)
    addresses = {"home": "/"}
    for noun, kind in sorted(KINDS.items()):
        record = filler.fill(kind.model_class(), COMPANIONS)[0]
        filler.companions(record, COMPANIONS)
        addresses[noun] = f"/{noun}/"
        if noun in with_page():
            addresses[f"{noun}-record"] = kind.url(record.pk)
    return addresses


def _fill(owner: str, first: int, last: int) -> None:
    """Add lots numbered ``first`` to ``last`` with everything that happens to a lot at receipt."""
    with psycopg.connect(owner, autocommit=True) as db:
        with db.transaction():
            db.execute("SELECT set_config('bench.first', %s, true)", [str(first)])
            db.execute("SELECT set_config('bench.last', %s, true)", [str(last)])
            db.execute(FILL.read_text(encoding="utf-8"))
        db.execute("VACUUM ANALYZE")


def _measure(client: Client, url: str) -> Measured:
    from tools.bench._plant import statements  # noqa: PLC0415
    from traceability.models import Lot  # noqa: PLC0415

    def visit() -> Any:
        answer = client.get(url)
        if answer.status_code != 200:  # noqa: PLR2004 - anything but success stops the benchmark
            raise RuntimeError(f"{url}: {answer.status_code}")
        return answer

    for _ in range(WARM):
        visit()
    with statements() as taken:
        visit()
    return Measured([timed(visit) for _ in range(ROUNDS)], len(taken), Lot.objects.count())


def _case(name: str, scale: int, few: Measured, many: Measured) -> Case:
    return compare(
        name,
        (many.times, few.times),
        what=f"the same page with {few.rows} lots",
        rows=many.rows,
        queries=many.queries,
        target=TARGET,
        checks={
            f"queries at {FEW}": few.queries,
            f"queries at {scale}": many.queries,
            "the same number of queries": few.queries == many.queries,
        },
    )
