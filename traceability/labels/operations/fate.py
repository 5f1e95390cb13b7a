"""What becomes of printed labels: used, destroyed, kept, returned; and that none is missing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp.core.context import Context
from erp.core.errors import Blocker, FieldFault, IllegalStep, InvalidInput
from erp.operations import Reason, operation
from traceability.labels import queries, steps
from traceability.labels.errors import LabelsMissing, LabelsNotReleased, MoreThanPrinted
from traceability.labels.inputs import ReconcileLabels, ScrapLabels, TakeBack, UseLabels
from traceability.labels.locking import lock_job
from traceability.labels.models import LabelCount, LabelJob
from traceability.labels.states import JOB, JobState

Fate = LabelCount.Fate
OPEN = (JobState.PRINTED, JobState.RELEASED, JobState.REJECTED)


def _not_released(job: LabelJob, _actor: Any) -> list[Blocker]:
    state = JobState(job.state)
    if state == JobState.RELEASED:
        return []
    refusal = LabelsNotReleased(job=job.number, state=JOB.labels[state])
    return [Blocker(refusal.code, refusal.detail)]


def _not_open(job: LabelJob, _actor: Any) -> list[Blocker]:
    state = JobState(job.state)
    if state in OPEN:
        return []
    refusal = IllegalStep(verb=_("Count labels"), state=JOB.labels[state])
    return [Blocker(refusal.code, refusal.detail)]


@operation(
    "traceability.use_labels",
    title=_("Count used labels"),
    sentence=_("So many labels were put on units or packages."),
    noun="label-jobs",
    verb="use",
    subject="traceability.LabelJob",
    subject_arg="job_id",
    input=UseLabels,
    blockers=_not_released,
    machine=True,
)
def use_labels(ctx: Context, *, job_id: int, quantity: int) -> LabelJob:
    """Record labels that were applied; only labels released for use."""
    job = lock_job(ctx, job_id)
    if job.state != JobState.RELEASED:
        raise LabelsNotReleased(job=job.number, state=JOB.labels[JobState(job.state)])
    _count(ctx, job, {Fate.USED: quantity})
    return job


@operation(
    "traceability.scrap_labels",
    title=_("Destroy labels"),
    sentence=_("So many labels were destroyed, so that nobody can use them by mistake."),
    noun="label-jobs",
    verb="scrap",
    subject="traceability.LabelJob",
    subject_arg="job_id",
    input=ScrapLabels,
    blockers=_not_open,
    reason=Reason.REQUIRED,
    danger=True,
)
def scrap_labels(ctx: Context, *, job_id: int, quantity: int) -> LabelJob:
    """Record labels that were destroyed, with the reason."""
    job = lock_job(ctx, job_id)
    _refuse_closed(job)
    _count(ctx, job, {Fate.DESTROYED: quantity})
    return job


@operation(
    "traceability.take_back_label_count",
    title=_("Correct a count"),
    sentence=_("Labels were counted that should not have been; the first count stays visible."),
    noun="label-jobs",
    verb="take-back",
    subject="traceability.LabelJob",
    subject_arg="job_id",
    input=TakeBack,
    blockers=_not_open,
    reason=Reason.REQUIRED,
)
def take_back_count(ctx: Context, *, job_id: int, fate: str, quantity: int) -> LabelJob:
    """Put a wrong count right by its opposite; never below zero."""
    job = lock_job(ctx, job_id)
    _refuse_closed(job)
    counted = getattr(queries.tally(job), fate)
    if quantity > counted:
        reason = _now("Only %(counted)s were counted so.") % {"counted": counted}
        raise InvalidInput(faults=[FieldFault("quantity", reason)])
    steps.count(ctx, job, {fate: -quantity}, ctx.reason.strip())
    return job


def reconciliation_content(job: LabelJob) -> dict[str, Any]:
    """Return what a reconciliation signs: how many there were and where each of them went."""
    tally = queries.tally(job)
    return {
        "number": job.number,
        "lot": job.lot.number,
        "printed": tally.printed,
        "used": tally.used,
        "destroyed": tally.destroyed,
        "retained": tally.retained,
        "returned": tally.returned,
        "missing": job.missing,
        "limit_percent": job.template.limit_percent,
    }


@operation(
    "traceability.reconcile_labels",
    title=_("Reconcile labels"),
    sentence=_("Every printed label is accounted for, and the job is closed."),
    noun="label-jobs",
    verb="reconcile",
    subject="traceability.LabelJob",
    subject_arg="job_id",
    input=ReconcileLabels,
    states=JOB,
    step="reconcile",
    signed_as=Meaning.VERIFIED,
    signs=reconciliation_content,
    primary=True,
)
def reconcile_labels(ctx: Context, /, *, job_id: int, **fates: int) -> LabelJob:
    """Account for the rest; more missing than the template allows is refused (PRD-07)."""
    job = lock_job(ctx, job_id)
    JOB.next(JobState(job.state), "reconcile")
    if job.state == JobState.REJECTED and fates.get(Fate.USED):
        raise LabelsNotReleased(job=job.number, state=JOB.labels[JobState.REJECTED])
    _count(ctx, job, fates)
    missing = queries.tally(job).left
    _refuse_missing(ctx, job, missing)
    return steps.reconcile(ctx, job, missing)


def allowed_missing(job: LabelJob) -> int:
    """Return how many labels may be missing: the template's share of those printed, whole ones."""
    return int(Decimal(job.quantity) * job.template.limit_percent / 100)


def _refuse_missing(ctx: Context, job: LabelJob, missing: int) -> None:
    if missing > allowed_missing(job):
        raise LabelsMissing(missing=missing, printed=job.quantity, allowed=allowed_missing(job))
    if missing and not ctx.reason.strip():
        reason = _now("Say what is known of the missing labels.")
        raise InvalidInput(faults=[FieldFault("reason", reason)])


def _refuse_closed(job: LabelJob) -> None:
    state = JobState(job.state)
    if state not in OPEN:
        raise IllegalStep(verb=_("Count labels"), state=JOB.labels[state])


def _count(ctx: Context, job: LabelJob, fates: Mapping[str, int]) -> None:
    """Write counts unless they are more than what is left."""
    left = queries.tally(job).left
    counted = sum(fates.values())
    if counted > left:
        raise MoreThanPrinted(counted=counted, left=left, job=job.number)
    steps.count(ctx, job, fates, ctx.reason.strip())
