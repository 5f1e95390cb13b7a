"""Row locks: one way to take them, one order, a bounded wait.

Every app's ``locking.py`` calls :func:`lock`. Rows are locked in primary-key order; across models
the order is the app order of ARCHITECTURE.md, bottom first. Waiting longer than the transaction's
``lock_timeout`` raises ``Busy``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import OperationalError
from django.db.models import Model, QuerySet

from erp.core.context import Context
from erp.core.errors import Busy, NotFound, Stale

M = TypeVar("M", bound=Model)

LOCK_TIMEOUT_MS = 2000
_LOCK_NOT_AVAILABLE = "55P03"
_DEADLOCK = "40P01"


def lock(ctx: Context, rows: QuerySet[M]) -> list[M]:
    """Lock the rows of a query in primary-key order and return them fresh.

    Raises ``Busy`` when a lock is not obtained in time and ``Stale`` when the caller decided on an
    older version of the subject.
    """
    try:
        found = list(rows.select_for_update(of=("self",)).order_by("pk"))
    except OperationalError as error:
        raise_busy(error)
    for row in found:
        _check_version(ctx, row)
    return found


def lock_one(ctx: Context, rows: QuerySet[M], pk: object) -> M:
    """Lock one row by primary key, or raise ``NotFound``."""
    found = lock(ctx, rows.filter(pk=pk))
    if not found:
        raise NotFound(what=rows.model._meta.verbose_name)
    return found[0]


def lock_all(ctx: Context, rows: QuerySet[M], pks: Iterable[object]) -> list[M]:
    """Lock exactly these rows; raise ``NotFound`` when one of them is missing."""
    wanted = set(pks)
    found = lock(ctx, rows.filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise NotFound(what=rows.model._meta.verbose_name)
    return found


def raise_busy(error: OperationalError) -> Any:
    """Turn PostgreSQL's lock time-out or deadlock into ``Busy``; re-raise anything else."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state in {_LOCK_NOT_AVAILABLE, _DEADLOCK}:
        raise Busy from error
    raise error


def _check_version(ctx: Context, row: Model) -> None:
    expected = ctx.expected
    if expected is None or row._meta.label_lower != expected.model or str(row.pk) != expected.pk:
        return
    if getattr(row, "row_version", expected.version) != expected.version:
        raise Stale(record=str(row))
