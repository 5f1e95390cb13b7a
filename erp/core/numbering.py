"""Gapless record numbers such as ``PO-2026-00042``."""

from __future__ import annotations

from django.db import connection

from erp.core import clock

_TAKE = """
    INSERT INTO core_numberseries (code, last) VALUES (%s, %s)
    ON CONFLICT (code) DO UPDATE SET last = core_numberseries.last + EXCLUDED.last
    RETURNING last
"""


def take(prefix: str, count: int = 1) -> list[str]:
    """Take ``count`` numbers of this year's series of ``prefix``, in order.

    The counter row stays locked until the transaction ends: a rolled-back operation gives its
    numbers back, so the series has no gaps.
    """
    year = clock.today().year
    code = f"{prefix}-{year}"
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [code, count])
        last: int = cursor.fetchone()[0]
    return [f"{code}-{n:05d}" for n in range(last - count + 1, last + 1)]


def take_one(prefix: str) -> str:
    """Take the next number of this year's series of ``prefix``."""
    return take(prefix)[0]
