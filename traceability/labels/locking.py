"""Row locks of label templates and print jobs."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.locking import lock, lock_one
from traceability.labels.models import LabelJob, LabelTemplate


def lock_template(ctx: Context, template_id: int) -> LabelTemplate:
    """Lock one template."""
    return lock_one(ctx, LabelTemplate.objects.select_related("item"), template_id)


def lock_versions(ctx: Context, code: str) -> list[LabelTemplate]:
    """Lock all versions of a template."""
    return lock(ctx, LabelTemplate.objects.filter(code=code).select_related("item"))


def lock_job(ctx: Context, job_id: int) -> LabelJob:
    """Lock one print job; what is counted of it is written under this lock."""
    rows = LabelJob.objects.select_related("template", "lot__item", "identifier")
    return lock_one(ctx, rows, job_id)
