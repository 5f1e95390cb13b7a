"""Writes of labels, made inside operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from erp.core import clock, numbering
from erp.core.context import Context
from traceability.labels.content import Said
from traceability.labels.errors import DraftExists, TemplateCodeTaken
from traceability.labels.models import (
    LabelCount,
    LabelExamination,
    LabelJob,
    LabelLine,
    LabelTemplate,
)
from traceability.labels.states import JOB, TEMPLATE, JobState, TemplateState
from traceability.models import Lot

CHUNK = 5000


def create_template(ctx: Context, values: Mapping[str, Any]) -> LabelTemplate:
    """Write the first version of a template as a draft."""
    if LabelTemplate.objects.filter(code__iexact=values["code"]).exists():
        raise TemplateCodeTaken(code=values["code"])
    return LabelTemplate.objects.create(**values, drafted_by_id=ctx.actor.user_id)


def create_version(
    ctx: Context, versions: Sequence[LabelTemplate], model: LabelTemplate
) -> LabelTemplate:
    """Write a draft like ``model`` with the next number of its locked versions."""
    for version in versions:
        if version.state == TemplateState.DRAFT:
            raise DraftExists(template=str(version))
    copied = (
        "code", "name", "item_id", "item_kind", "language", "market", "level", "label_for",
        "carrier", "width_mm", "height_mm", "module_mm", "limit_percent", "layout",
    )  # fmt: skip
    return LabelTemplate.objects.create(
        **{name: getattr(model, name) for name in copied},
        version=max(v.version for v in versions) + 1,
        drafted_by_id=ctx.actor.user_id,
    )


def revise_template(template: LabelTemplate, values: Mapping[str, Any]) -> None:
    """Write what a locked draft says now; the history knows everybody who wrote of it."""
    for name, value in values.items():
        setattr(template, name, value)
    template.save(update_fields=list(values))


def approve_template(
    ctx: Context, versions: Sequence[LabelTemplate], chosen: LabelTemplate
) -> LabelTemplate:
    """Approve one locked version and end the use of the one before."""
    for old in versions:
        if old.pk != chosen.pk and old.state == TemplateState.APPROVED:
            retire_template(old)
    chosen.state = TEMPLATE.next(TemplateState(chosen.state), "approve")
    chosen.approved_by_id = ctx.actor.user_id
    chosen.approved_at = ctx.at or clock.now()
    chosen.save(update_fields=["state", "approved_by", "approved_at"])
    return chosen


def retire_template(template: LabelTemplate) -> LabelTemplate:
    """End the use of a locked template."""
    template.state = TEMPLATE.next(TemplateState(template.state), "retire")
    template.save(update_fields=["state"])
    return template


def create_job(ctx: Context, job: LabelJob, labels: Sequence[tuple[Lot, int, Said]]) -> LabelJob:
    """Write a print job with its labels: unit, copies, and exactly what each must say."""
    job.number = numbering.take_one("LBL")
    job.printed_by_id = ctx.actor.user_id
    job.printed_at = ctx.at or clock.now()
    job.save(force_insert=True)
    LabelLine.objects.bulk_create(
        [
            LabelLine(
                job=job,
                row=row,
                lot=lot,
                copies=copies,
                content=said.content,
                plain=said.plain,
                shown=dict(said.shown),
            )
            for row, (lot, copies, said) in enumerate(labels, start=1)
        ],
        batch_size=CHUNK,
    )
    return job


def store_labels(ctx: Context, job: LabelJob, files: Mapping[str, Any]) -> LabelJob:
    """Record the files of a locked job, every label of which was read back."""
    _go_on(job, "store")
    for name, value in files.items():
        setattr(job, name, value)
    job.verified_at = ctx.at or clock.now()
    job.save(update_fields=["state", "verified_at", *files])
    return job


def refuse_labels(job: LabelJob, faults: Sequence[Mapping[str, Any]]) -> LabelJob:
    """Record that labels of a locked job did not read; none of them exists."""
    _go_on(job, "refuse")
    job.faults = list(faults)
    job.save(update_fields=["state", "faults"])
    return job


def examine(ctx: Context, job: LabelJob, verb: str, found: Mapping[str, Any]) -> LabelJob:
    """Record the examination of a locked job and what it decided."""
    _go_on(job, verb)
    LabelExamination.objects.create(
        job=job,
        decision=job.state,
        examined_by_id=ctx.actor.user_id,
        examined_at=ctx.at or clock.now(),
        **found,
    )
    job.save(update_fields=["state"])
    return job


def count(ctx: Context, job: LabelJob, fates: Mapping[str, int], reason: str = "") -> None:
    """Record where labels of a locked job went."""
    now = ctx.at or clock.now()
    LabelCount.objects.bulk_create(
        LabelCount(
            job=job,
            fate=fate,
            quantity=quantity,
            reason=reason,
            counted_by_id=ctx.actor.user_id,
            counted_at=now,
        )
        for fate, quantity in fates.items()
        if quantity
    )


def reconcile(ctx: Context, job: LabelJob, missing: int) -> LabelJob:
    """Close a locked job: every label is accounted for but ``missing``."""
    _go_on(job, "reconcile")
    job.missing = missing
    job.reconciled_by_id = ctx.actor.user_id
    job.reconciled_at = ctx.at or clock.now()
    job.save(update_fields=["state", "missing", "reconciled_by", "reconciled_at"])
    return job


def _go_on(job: LabelJob, verb: str) -> None:
    job.state = JOB.next(JobState(job.state), verb)
