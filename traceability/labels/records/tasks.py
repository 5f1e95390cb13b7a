"""What waits at home: labels to examine and to reconcile, templates to approve."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.ui.home import TaskSource, add_tasks
from traceability.labels import queries
from traceability.labels.models import LabelJob, LabelTemplate
from traceability.labels.states import JobState, TemplateState


def _to_examine(actor: Actor) -> QuerySet[LabelJob]:
    return queries.jobs(actor).filter(state=JobState.PRINTED).order_by("pk")


def _to_reconcile(actor: Actor) -> QuerySet[LabelJob]:
    waiting = (JobState.RELEASED, JobState.REJECTED)
    return queries.jobs(actor).filter(state__in=waiting).order_by("pk")


def _to_approve(actor: Actor) -> QuerySet[LabelTemplate]:
    rows = LabelTemplate.objects.select_related("item", "drafted_by", "approved_by")
    drafts = rows.filter(state=TemplateState.DRAFT)
    return drafts.exclude(drafted_by_id=actor.user_id).order_by("pk")


add_tasks(
    TaskSource(
        code="labels.examine",
        title=_("Labels to examine"),
        permission="traceability.release_labels",
        noun="label-jobs",
        rows=_to_examine,
        query="state=printed",
        icon="tag",
    )
)
add_tasks(
    TaskSource(
        code="labels.reconcile",
        title=_("Labels to reconcile"),
        permission="traceability.reconcile_labels",
        noun="label-jobs",
        rows=_to_reconcile,
        query="state=released",
        icon="tag",
    )
)
add_tasks(
    TaskSource(
        code="labels.approve",
        title=_("Label templates to approve"),
        permission="traceability.approve_label_template",
        noun="label-templates",
        rows=_to_approve,
        query="state=draft",
        icon="tag",
    )
)
