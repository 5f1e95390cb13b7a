"""Labels at the gates: what is asked before printing, and what they answer to the release."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.gates import Answer, Question
from traceability.gates import RELEASE, expired, ref
from traceability.labels.models import LabelJob
from traceability.labels.queries import tally, unaccounted
from traceability.labels.states import JOB, JobState
from traceability.models import Lot
from traceability.states import LotState

PRINT = gates.define("label.print", _("May labels be printed for these lots?"))

gates.check(PRINT)(expired)


@gates.check(PRINT)
def rejected(question: Question) -> Iterator[Answer]:
    """Nothing rejected is labelled as product."""
    for lot in Lot.objects.filter(pk__in=question.ids, state=LotState.REJECTED):
        sentence = _("%(lot)s is rejected, so it gets no labels.") % {"lot": lot.number}
        yield Answer(lot.pk, Blocker("lot.rejected", sentence, ref(lot), waivable=True))


@gates.check(RELEASE)
def labels_not_reconciled(question: Question) -> Iterator[Answer]:
    """A lot is released when every label printed for it is accounted for (PRD-07)."""
    for job in unaccounted(question.ids):
        facts = {
            "job": job.number,
            "state": JOB.labels[JobState(job.state)],
            "left": tally(job).left,
        }
        sentence = _(
            "The labels of %(job)s are not reconciled (%(state)s): %(left)s are not accounted for."
        )
        blocker = Blocker("labels.not_reconciled", sentence % facts, job_ref(job), waivable=True)
        yield Answer(job.lot_id, blocker)


def job_ref(job: LabelJob) -> RecordRef:
    """Return the pointer to a print job."""
    return RecordRef("traceability.labeljob", str(job.pk), job.number, f"/label-jobs/{job.pk}/")
