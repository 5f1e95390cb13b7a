"""Row locks of packs."""

from __future__ import annotations

from audit.models import EvidencePack
from erp.core.context import Context
from erp.core.locking import lock_one


def lock_pack(ctx: Context, pack_id: int) -> EvidencePack:
    """Lock one pack."""
    return lock_one(ctx, EvidencePack.objects.all(), pack_id)
