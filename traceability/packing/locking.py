"""Row locks of logistic units; taken after the locks of lots."""

from __future__ import annotations

from collections.abc import Iterable

from erp.core.context import Context
from erp.core.locking import lock_all
from traceability.models import LogisticUnit


def lock_units(ctx: Context, unit_ids: Iterable[int]) -> dict[int, LogisticUnit]:
    """Lock these logistic units in order; return them by id."""
    rows = LogisticUnit.objects.select_related("location", "site")
    return {unit.pk: unit for unit in lock_all(ctx, rows, unit_ids)}
