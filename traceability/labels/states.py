"""Life of a label template and of a print job."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.states import StateTable


class TemplateState(StrEnum):
    """Whether labels may be printed from a template."""

    DRAFT = "draft"
    APPROVED = "approved"
    OBSOLETE = "obsolete"


TEMPLATE = StateTable(
    name="label template",
    initial=TemplateState.DRAFT,
    steps={
        (TemplateState.DRAFT, "revise"): TemplateState.DRAFT,
        (TemplateState.DRAFT, "approve"): TemplateState.APPROVED,
        (TemplateState.DRAFT, "retire"): TemplateState.OBSOLETE,
        (TemplateState.APPROVED, "retire"): TemplateState.OBSOLETE,
    },
    labels={
        TemplateState.DRAFT: _("draft"),
        TemplateState.APPROVED: pgettext_lazy("state", "approved"),
        TemplateState.OBSOLETE: pgettext_lazy("label template", "obsolete"),
    },
    tones={
        TemplateState.DRAFT: "draft",
        TemplateState.APPROVED: "good",
        TemplateState.OBSOLETE: "bad",
    },
)


class JobState(StrEnum):
    """How far the labels of one print job have come."""

    QUEUED = "queued"
    REFUSED = "refused"
    PRINTED = "printed"
    RELEASED = "released"
    REJECTED = "rejected"
    RECONCILED = "reconciled"


JOB = StateTable(
    name="print job",
    initial=JobState.QUEUED,
    steps={
        # Only labels that were read back and compared become printed ones.
        (JobState.QUEUED, "store"): JobState.PRINTED,
        (JobState.QUEUED, "refuse"): JobState.REFUSED,
        (JobState.PRINTED, "release"): JobState.RELEASED,
        (JobState.PRINTED, "reject"): JobState.REJECTED,
        (JobState.RELEASED, "reconcile"): JobState.RECONCILED,
        (JobState.REJECTED, "reconcile"): JobState.RECONCILED,
    },
    labels={
        JobState.QUEUED: _("being made"),
        JobState.REFUSED: _("not printed"),
        JobState.PRINTED: _("to be examined"),
        JobState.RELEASED: _("released for use"),
        JobState.REJECTED: pgettext_lazy("state of labels", "rejected"),
        JobState.RECONCILED: _("reconciled"),
    },
    tones={
        JobState.QUEUED: "waiting",
        JobState.REFUSED: "bad",
        JobState.PRINTED: "waiting",
        JobState.RELEASED: "info",
        JobState.REJECTED: "bad",
        JobState.RECONCILED: "good",
    },
)

UNACCOUNTED = (JobState.QUEUED, JobState.PRINTED, JobState.RELEASED, JobState.REJECTED)
"""States in which labels exist, or soon will, and nobody has yet said where each of them went."""
