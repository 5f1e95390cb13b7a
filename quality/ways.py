"""How what quality recorded is taken back: by quality's own decisions, never by a correction."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker
from erp.gates import Answer, Question
from quality.inspection.gates import ref
from quality.inspection.models import InspectionResult
from traceability.corrections.gates import CORRECT
from traceability.corrections.ways import taken_back_by
from traceability.models import EventOutput

taken_back_by(
    _("A result is not unsaid: record it again as a retest, the old one stays beside it."),
    "quality.record_results",
)
taken_back_by(
    _("A decision of quality is answered by a decision: open a nonconformity, reject or release."),
    "quality.decide_inspection",
    "quality.release_lot",
    "quality.reject_lot",
    "quality.open_deviation",
    "quality.close_deviation",
)


@gates.check(CORRECT)
def measured_since(question: Question) -> Iterator[Answer]:
    """Goods on which somebody measured something were there."""
    made = dict(
        EventOutput.objects.filter(event__in=question.ids).values_list("lot_id", "event_id")
    )
    rows = InspectionResult.objects.filter(inspection__lot__in=made).select_related(
        "inspection__lot"
    )
    named = {row.inspection_id: row.inspection for row in rows.order_by("pk")}
    for inspection in named.values():
        sentence = _("%(inspection)s has results measured on %(lot)s.") % {
            "inspection": inspection.number,
            "lot": inspection.lot.number,
        }
        yield Answer(
            made[inspection.lot_id], Blocker("inspection.measured", sentence, ref(inspection))
        )
