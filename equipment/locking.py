"""Row locks of instruments: the only ``select_for_update`` of this app."""

from __future__ import annotations

from equipment.models import Instrument
from erp.core.context import Context
from erp.core.locking import lock_one


def lock_instrument(ctx: Context, instrument_id: int) -> Instrument:
    """Lock one instrument; its calibrations are written under this lock."""
    return lock_one(ctx, Instrument.objects.select_related("site"), instrument_id)
