"""Statements of which a part is made by the ORM, or kept for another statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import ClientCursor


def written_out(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> str:
    """Return a statement with its values written into it, quoted, to be part of a larger one.

    The larger statement may not be given values of its own by ``%``, unless every ``%`` of this
    part is doubled first.
    """
    connection.ensure_connection()
    return ClientCursor(connection.connection).mogrify(sql, values)
