"""Examination of printed labels by a person before they are used (21 CFR 820.45)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp.core.context import Context
from erp.core.errors import FieldFault, InvalidInput
from erp.operations import Reason, operation
from erp.operations.declaration import EarlierStep
from traceability.labels import queries, steps
from traceability.labels.content import fields_in
from traceability.labels.errors import OtherLabelScanned
from traceability.labels.inputs import (
    CHECKS,
    CONFORMS,
    DIFFERS,
    DOES_NOT_APPLY,
    ExamineLabels,
    ReleaseLabels,
)
from traceability.labels.locking import lock_job
from traceability.labels.models import LabelExamination, LabelJob
from traceability.labels.reading import same_label
from traceability.labels.states import JOB, JobState


def job_content(job: LabelJob) -> dict[str, Any]:
    """Return what an examination signs: the labels, each by its content, and what was found."""
    found = LabelExamination.objects.filter(job=job).first()
    lines = queries.lines_of(job).values_list("row", "content", "copies")
    contents = "\n".join(f"{row}\t{copies}\t{content}" for row, content, copies in lines)
    return {
        "number": job.number,
        "lot": job.lot.number,
        "template": str(job.template),
        "identifier": job.identifier.di,
        "quantity": job.quantity,
        "first": job.first,
        "last": job.last,
        "labels_sha256": hashlib.sha256(contents.encode()).hexdigest(),
        "pdf_sha256": job.pdf_sha256,
        "zpl_sha256": job.zpl_sha256,
        "decision": found.decision if found else None,
        "checks": found.checks if found else [],
        "examined": found.examined if found else None,
        "scanned": found.scanned if found else "",
        "comment": found.comment if found else "",
    }


def _printer(job: LabelJob) -> Sequence[EarlierStep]:
    return [(job.printed_by_id, str(job.printed_by), _("print the labels"))]


@operation(
    "traceability.release_labels",
    title=_("Release labels"),
    sentence=_("The labels were examined and may be used."),
    noun="label-jobs",
    verb="release",
    subject="traceability.LabelJob",
    subject_arg="job_id",
    input=ReleaseLabels,
    states=JOB,
    step="release",
    signed_as=Meaning.RELEASED,
    signs=job_content,
    other_than=_printer,
    primary=True,
)
def release_labels(
    ctx: Context, /, *, job_id: int, examined: int, scanned: str, comment: str = "", **checks: str
) -> LabelJob:
    """Release labels for use: all five checks in order and one label scanned; not who printed."""
    job = lock_job(ctx, job_id)
    JOB.next(JobState(job.state), "release")
    _refuse_too_many(job, examined)
    _refuse_open_checks(job, checks)
    if not any(same_label(scanned, line) for line in queries.lines_of(job)):
        raise OtherLabelScanned(scanned=scanned, job=job.number)
    return steps.examine(ctx, job, "release", _found(checks, examined, scanned, comment))


@operation(
    "traceability.reject_labels",
    title=_("Reject labels"),
    sentence=_("The labels may not be used; all of them are to be destroyed."),
    noun="label-jobs",
    verb="reject",
    subject="traceability.LabelJob",
    subject_arg="job_id",
    input=ExamineLabels,
    states=JOB,
    step="reject",
    signed_as=Meaning.REJECTED,
    signs=job_content,
    reason=Reason.REQUIRED,
    danger=True,
)
def reject_labels(
    ctx: Context, /, *, job_id: int, examined: int, comment: str = "", **checks: str
) -> LabelJob:
    """Reject labels: at least one check says that they do not conform."""
    job = lock_job(ctx, job_id)
    JOB.next(JobState(job.state), "reject")
    _refuse_too_many(job, examined)
    if DIFFERS not in checks.values():
        reason = _now("Say which check does not conform.")
        raise InvalidInput(faults=[FieldFault("udi", reason)])
    return steps.examine(ctx, job, "reject", _found(checks, examined, "", comment))


def _found(checks: Mapping[str, str], examined: int, scanned: str, comment: str) -> dict[str, Any]:
    return {
        "checks": [{"check": name, "verdict": checks[name]} for name, _words in CHECKS],
        "examined": examined,
        "scanned": scanned,
        "comment": comment,
    }


def _refuse_too_many(job: LabelJob, examined: int) -> None:
    if examined > job.quantity:
        reason = _now("The job has only %(count)s labels.") % {"count": job.quantity}
        raise InvalidInput(faults=[FieldFault("examined", reason)])


def _refuse_open_checks(job: LabelJob, checks: Mapping[str, str]) -> None:
    """Refuse a release with a check that does not conform, or that is passed over though the
    label shows what it is about.
    """
    shown = fields_in(job.template)
    applies = {"udi": True, "expiry": "expires" in shown, "storage": "storage" in shown}
    wrong = _now("What does not conform is not released. Reject the labels.")
    must = _now("The label shows it, so it is examined.")
    faults = [FieldFault(name, wrong) for name, verdict in checks.items() if verdict == DIFFERS]
    faults += [
        FieldFault(name, must)
        for name, needed in applies.items()
        if needed and checks[name] == DOES_NOT_APPLY
    ]
    if faults:
        raise InvalidInput(faults=faults)


__all__ = ["CONFORMS", "job_content", "reject_labels", "release_labels"]
