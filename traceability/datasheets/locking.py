"""Row locks of data sheets. Identifiers are locked before their sheets."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.locking import lock_one
from traceability.datasheets.facts import with_facts
from traceability.datasheets.models import DataSheet


def lock_sheet(ctx: Context, sheet_id: int) -> DataSheet:
    """Lock one data sheet; it comes with what its content is read from."""
    return lock_one(ctx, with_facts(DataSheet.objects.all()), sheet_id)
