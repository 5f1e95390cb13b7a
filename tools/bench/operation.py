"""Release, issue and ship through the API: p50 and p95 with one worker, and their queries.

One caller sends one request after another, in this process: token, middleware, JSON, permission,
gates, locks, writes, history, signature, log, commit; only the socket is missing. Every call
acts on
fresh records made through the operations.

The reference is the database's share of the same call, without us: every SELECT that it sent, with
the same parameters, and for every INSERT, UPDATE or DELETE one row into a bare table, in one
committed transaction on the same connection. What is above it is Python, history and triggers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from tools.bench.database import bench_database
from tools.bench.measure import Case, compare, timed

if TYPE_CHECKING:
    from tools.bench._plant import Plant, Statement

SCALE = 60
WARM = 3
UNITS = 10
BARE = "bench_bare"
WHAT = (
    "its SELECTs replayed and one bare INSERT for each of its writes, in one committed transaction"
)

Call = Callable[[], object]


def run(scale: int) -> list[Case]:
    """Measure ``scale`` calls of each of the three."""
    with bench_database("proofline_bench_operation") as owner:
        _make_bare_table(owner)
        from tools.bench._plant import make_plant  # noqa: PLC0415 - needs Django to be set up

        plant = make_plant()
        made = {"release": _releases, "issue": _issues, "ship": _shipments}
        return [_case(name, list(make(plant, scale + WARM))) for name, make in made.items()]


def _make_bare_table(owner: str) -> None:
    from django.conf import settings  # noqa: PLC0415

    with psycopg.connect(owner, autocommit=True) as db:
        db.execute(f"DROP TABLE IF EXISTS {BARE}")
        db.execute(f"CREATE TABLE {BARE} (id bigserial PRIMARY KEY, words text)")
        role = sql.Identifier(settings.APP_DATABASE_ROLE)
        db.execute(sql.SQL("GRANT ALL ON {} TO {}").format(sql.Identifier(BARE), role))
        sequence = sql.Identifier(f"{BARE}_id_seq")
        db.execute(sql.SQL("GRANT ALL ON SEQUENCE {} TO {}").format(sequence, role))


def _case(name: str, calls: list[Call]) -> Case:
    from tools.bench._plant import statements  # noqa: PLC0415

    ours: list[float] = []
    reference: list[float] = []
    counts: set[int] = set()
    for call in calls:
        with statements() as taken:
            ours.append(timed(call))
        counts.add(len(taken))
        reference.append(timed(lambda: _replay(taken)))
    return compare(
        name,
        (ours[WARM:], reference[WARM:]),
        what=WHAT,
        rows=len(calls) - WARM,
        queries=max(counts),
        checks={"the same number of queries every time": len(counts) == 1},
    )


def _replay(taken: list[Statement]) -> None:
    from django.db import connection, transaction  # noqa: PLC0415

    from tools.bench._plant import READING  # noqa: PLC0415

    with transaction.atomic(), connection.cursor() as cursor:
        for query, params in taken:
            word = query.lstrip(" (\n").split(None, 1)[0].upper()
            if word == "DECLARE":
                cursor.execute(query.split(" FOR ", 1)[1], params)
                cursor.fetchall()
            elif word in READING and "set_config" not in query:
                cursor.execute(query, params)
                cursor.fetchall()
            elif word in {"INSERT", "UPDATE", "DELETE"}:
                cursor.execute(f"INSERT INTO {BARE} (words) VALUES (%s)", [query[:40]])  # noqa: S608
            elif "set_config" in query:
                cursor.execute("SELECT 1")


def _releases(plant: Plant, count: int) -> Iterator[Call]:
    """Yield releases of batches of ten units that were made, measured and accepted."""
    from tests.quality.builders import accepted, finished, product  # noqa: PLC0415
    from tools.bench._plant import Api  # noqa: PLC0415

    item = product()
    api = Api(plant.ada)
    lots = [finished(plant.ben, plant.site, item, quantity=UNITS) for _ in range(count)]
    for lot in lots:
        accepted(plant.ben, lot)
        body = {"comment": "All records reviewed.", "signature": api.proof}
        yield lambda url=f"lots/{lot.pk}/release/", body=body: api.post(url, body)  # type: ignore[misc]


def _issues(plant: Plant, count: int) -> Iterator[Call]:
    """Yield issues of one piece each, from a lot of its own, to one running work order."""
    from tests.inventory.builders import lot_in_stock  # noqa: PLC0415
    from tests.masterdata.builders import make_item, place  # noqa: PLC0415
    from tests.production.builders import make_product, started  # noqa: PLC0415
    from tools.bench._plant import Api  # noqa: PLC0415

    material = make_item()
    order = started(plant.ben, plant.site, make_product(material), quantity=count)
    lots = [
        lot_in_stock(plant.ben, plant.site, item=material, number=f"M{n}") for n in range(count)
    ]
    api, store = Api(plant.ben), place(plant.site, "storage").pk
    for lot in lots:
        body = {"lot_id": lot.number, "quantity": "1", "from_location_id": store, "reason": "bench"}
        yield lambda body=body: api.post(f"work-orders/{order.pk}/issue/", body)  # type: ignore[misc]


def _shipments(plant: Plant, count: int) -> Iterator[Call]:
    """Yield shipments of orders of one line each, reserved from one lot."""
    from tests.sales.builders import promised  # noqa: PLC0415
    from tools.bench._plant import Api  # noqa: PLC0415

    orders: list[Any] = [promised(plant.ben, plant.site)[0] for _ in range(count)]
    api = Api(plant.ben)
    for order in orders:
        yield lambda pk=order.pk: api.post(f"sales-orders/{pk}/ship/", {"carrier": "Bench"})  # type: ignore[misc]
