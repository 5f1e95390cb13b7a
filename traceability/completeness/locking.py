"""Row locks of check runs and findings; lots are locked before them."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.locking import lock_one
from traceability.completeness.models import CheckRun, Finding


def lock_run(ctx: Context, run_id: int) -> CheckRun:
    """Lock one check run."""
    return lock_one(ctx, CheckRun.objects.all(), run_id)


def lock_finding(ctx: Context, finding_id: int) -> Finding:
    """Lock one finding."""
    return lock_one(ctx, Finding.objects.select_related("lot__item", "event"), finding_id)
