"""Loads a CSV genealogy into the real tables by COPY, as their owner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from django.apps import apps
from django.db.models import NOT_PROVIDED, Field
from psycopg import sql

STAGING = {
    "items": "item_id bigint, code text, name text, level int",
    "lots": "lot_id bigint, item_id bigint, level int, number text, qty numeric, date date",
    "edges": "edge_id bigint, production_id bigint, input_lot_id bigint, output_lot_id bigint,"
    " qty numeric, date date",
    "customers": "customer_id bigint, name text",
    "shipments": "line_id bigint, shipment_id bigint, customer_id bigint, lot_id bigint,"
    " qty numeric, date date",
}
SHIPMENT_EVENT = "shipment_id + (SELECT max(lot_id) FROM lots)"
EVENT = {"event_time": "date", "record_time": "date", "site_id": "1", "performed_by_id": "1"}

# An event's id is the id of the lot it makes; shipments follow after the last lot.
STEPS: tuple[tuple[str, Mapping[str, str], str], ...] = (
    ("accounts.Company", {"id": "1", "code": "'BENCH'", "name": "'Bench'", "country": "'DE'"}, ""),
    (
        "accounts.Site",
        {"id": "1", "company_id": "1", "code": "'BENCH'", "name": "'Bench'", "country": "'DE'"},
        "",
    ),
    (
        "accounts.User",
        {
            "id": "1",
            "username": "'bench'",
            "password": "'!'",
            "name": "'Bench'",
            "is_service": "true",
        },
        "",
    ),
    (
        "masterdata.Item",
        {
            "id": "item_id",
            "code": "code",
            "name": "name",
            "kind": "CASE level WHEN 0 THEN 'material' WHEN 1 THEN 'component'"
            " WHEN 4 THEN 'product' ELSE 'semi' END",
        },
        "FROM items",
    ),
    (
        "traceability.Lot",
        {
            "id": "lot_id",
            "item_id": "item_id",
            "kind": "'lot'",
            "number": "number",
            "site_id": "1",
            "state": "'released'",
            "manufactured_on": "date",
            "created_at": "date",
        },
        "FROM lots",
    ),
    (
        "traceability.TraceEvent",
        {
            **EVENT,
            "id": "lot_id",
            "kind": "CASE level WHEN 0 THEN 'object' ELSE 'transformation' END",
            "action": "CASE level WHEN 0 THEN 'ADD' ELSE '' END",
            "biz_step": "CASE level WHEN 0 THEN 'receiving' ELSE 'commissioning' END",
            "precision": "'unit'",
        },
        "FROM lots",
    ),
    (
        "traceability.EventOutput",
        {"event_id": "lot_id", "lot_id": "lot_id", "quantity": "qty"},
        "FROM lots",
    ),
    (
        "traceability.EventInput",
        {"event_id": "production_id", "lot_id": "input_lot_id", "quantity": "qty"},
        "FROM edges",
    ),
    (
        "traceability.TraceEvent",
        {
            **EVENT,
            "id": SHIPMENT_EVENT,
            "kind": "'object'",
            "action": "'OBSERVE'",
            "biz_step": "'shipping'",
            "event_time": "max(date)",
            "record_time": "max(date)",
            "note": "min(customer_id)::text",
        },
        "FROM shipments GROUP BY shipment_id",
    ),
    (
        "traceability.EventInput",
        {"event_id": SHIPMENT_EVENT, "lot_id": "lot_id", "quantity": "sum(qty)"},
        "FROM shipments GROUP BY shipment_id, lot_id",
    ),
)


def load(owner_url: str, folder: Path) -> None:
    """Fill an empty database; does nothing when it is filled already."""
    with psycopg.connect(owner_url) as db:
        if db.execute("SELECT 1 FROM traceability_lot LIMIT 1").fetchone():
            return
        for table, columns in STAGING.items():
            db.execute(f"CREATE TEMP TABLE {table} ({columns})")
            _copy(db, f"COPY {table} FROM STDIN (FORMAT csv, HEADER)", folder / f"{table}.csv")
        for model, values, source in STEPS:
            db.execute(_insert(model, values, source))
    with psycopg.connect(owner_url, autocommit=True) as db:
        db.execute("VACUUM ANALYZE")


def _insert(model: str, values: Mapping[str, str], source: str) -> sql.Composed:
    """Return INSERT … SELECT with the defaults of the model for the columns that are not given."""
    fields = {f.column: f for f in apps.get_model(model)._meta.concrete_fields}
    filled = {c: _default(f) for c, f in fields.items() if not f.null and c not in {"id", *values}}
    given = {c: sql.SQL(v) for c, v in values.items()}
    both: dict[str, sql.Composable] = {**filled, **given}
    return sql.SQL("INSERT INTO {} ({}) SELECT {} " + source).format(
        sql.Identifier(apps.get_model(model)._meta.db_table),
        sql.SQL(", ").join(map(sql.Identifier, both)),
        sql.SQL(", ").join(both.values()),
    )


def _default(field: Field) -> sql.Literal:  # type: ignore[type-arg]
    value = "" if field.default is NOT_PROVIDED else field.get_default()
    return sql.Literal(value if isinstance(value, bool | int) else str(value))


def _copy(db: psycopg.Connection, command: str, path: Path) -> None:
    with path.open("rb") as source, db.cursor().copy(command) as copy:
        while block := source.read(1 << 20):
            copy.write(block)
