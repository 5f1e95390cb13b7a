"""The database's share of a bulk write: the same rows once more, into bare copies of the tables.

A copy has the columns, checks and indexes of the table and no trigger; the rows are those the
operation has just written, taken from where they lie. What the operation costs above that is
reading, checking, Python, history, ledger and log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import psycopg
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

PREFIX = "bench_bare_"


class BareTables:
    """Bare copies of some tables, and the marks up to which they were written before."""

    def __init__(self, owner: str, tables: Collection[str]) -> None:
        self.tables = tables
        role = sql.Identifier(settings.APP_DATABASE_ROLE)
        with psycopg.connect(owner, autocommit=True) as db:
            for table in tables:
                here, bare = sql.Identifier(table), sql.Identifier(PREFIX + table)
                db.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(bare))
                db.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(bare, here))
                db.execute(sql.SQL("GRANT ALL ON {} TO {}").format(bare, role))

    def marks(self) -> Mapping[str, int]:
        """Return the last key of each table."""
        with connection.cursor() as cursor:
            return {table: self._last(cursor, table) for table in self.tables}

    def _last(self, cursor: object, table: str) -> int:
        cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"')  # type: ignore[attr-defined]  # noqa: S608
        return int(cursor.fetchone()[0])  # type: ignore[attr-defined]

    def write_again(self, since: Mapping[str, int]) -> None:
        """Write everything above the marks into the copies, in one committed transaction."""
        with transaction.atomic(), connection.cursor() as cursor:
            for table, mark in since.items():
                cursor.execute(
                    f'INSERT INTO "{PREFIX}{table}" OVERRIDING SYSTEM VALUE '  # noqa: S608
                    f'SELECT * FROM "{table}" WHERE id > %s',
                    [mark],
                )
