"""What the audit trail costs: the same rows written to a table under history and to a bare one.

The reference is a table made with ``LIKE masterdata_item INCLUDING ALL``: the same columns, checks
and indexes, as many foreign keys that point to it, no trigger of ours (so no counted versions
either), written by the same role over the same connection through the same ORM calls.
Ours carries what every operation sends beside the rows, the settings that say who and why.
Each write is one committed transaction.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from psycopg import sql

from tools.bench.database import bench_database
from tools.bench.measure import Case, compare, in_turns

SCALE = 5_000
ROUNDS = 15
SINGLE_ROUNDS = 200
TARGET = "ratio <= 1.6"
PLAIN = "bench_plain_item"
REFERRING = """
    SELECT count(*) FROM pg_constraint
    WHERE contype = 'f' AND confrelid = 'masterdata_item'::regclass
"""

_code = itertools.count(1)

Write = Callable[[Any, int], None]


def run(scale: int) -> list[Case]:
    """Measure one row and ``scale`` rows at a time, new and changed."""
    with bench_database("proofline_bench_history") as owner:
        _make_plain_table(owner)
        return list(_cases(scale))


def _make_plain_table(owner: str) -> None:
    from django.conf import settings  # noqa: PLC0415 - needs Django to be set up

    plain, role = sql.Identifier(PLAIN), sql.Identifier(settings.APP_DATABASE_ROLE)
    with psycopg.connect(owner, autocommit=True) as db:
        db.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(plain))
        db.execute(sql.SQL("CREATE TABLE {} (LIKE masterdata_item INCLUDING ALL)").format(plain))
        db.execute(sql.SQL("GRANT ALL ON {} TO {}").format(plain, role))
        referring = db.execute(REFERRING).fetchone() or (0,)
        for number in range(referring[0]):
            name = sql.Identifier(f"{PLAIN}_user_{number}")
            db.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
            db.execute(
                sql.SQL(
                    "CREATE TABLE {} (item_id bigint REFERENCES {} DEFERRABLE INITIALLY DEFERRED)"
                ).format(name, plain)
            )


def _cases(scale: int) -> Iterator[Case]:
    from erp.masterdata.models import Item  # noqa: PLC0415

    plain = _plain_model(Item)
    writes: tuple[tuple[str, Write, int, int], ...] = (
        ("insert-one", _insert, 1, SINGLE_ROUNDS),
        ("update-one", _update, 1, SINGLE_ROUNDS),
        (f"insert-{scale}", _insert, scale, ROUNDS),
        (f"update-{scale}", _update, scale, ROUNDS),
    )
    for name, write, size, rounds in writes:
        before = _history_rows(Item)
        yield compare(
            name,
            in_turns(lambda: write(Item, size), lambda: write(plain, size), rounds=rounds),  # noqa: B023
            what="the same ORM call on a table of the same shape without triggers, committed",
            rows=size,
            queries=2,
            target=TARGET,
            checks={
                "history rows per row written": (_history_rows(Item) - before) / size / (rounds + 2)
            },
        )


def _plain_model(source: Any) -> Any:
    from django.db import models  # noqa: PLC0415

    fields = {f.name: f.clone() for f in source._meta.local_concrete_fields}
    meta = type("Meta", (), {"app_label": "core", "managed": False, "db_table": PLAIN})
    return type("PlainItem", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})


def _write_together(model: Any, work: Callable[[], object]) -> None:
    """Commit ``work``; for the audited table stamped as the door stamps it."""
    from django.db import transaction  # noqa: PLC0415

    from erp.core.history import stamp_transaction  # noqa: PLC0415

    with transaction.atomic():
        if model._meta.db_table != PLAIN:
            stamp_transaction(
                operation_id=uuid.uuid4(),
                user_id=1,
                reason="bench",
                channel="cli",
                address="",
                lock_timeout_ms=2000,
            )
        work()


def _insert(model: Any, size: int) -> None:
    rows = [
        model(code=f"B{next(_code)}", name="Hip stem, size 4", kind="product", manufacturer="Bench")
        for _ in range(size)
    ]
    _write_together(model, lambda: model._default_manager.bulk_create(rows, batch_size=5000))


def _update(model: Any, size: int) -> None:
    newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    rows = model._default_manager.filter(pk__gt=newest - size)
    name = f"Hip stem {next(_code)}"
    _write_together(model, lambda: rows.update(name=name))


def _history_rows(model: Any) -> int:
    found: int = model.history.count()
    return found
