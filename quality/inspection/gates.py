"""What stands in the way of accepting an inspection, and of releasing a lot without one."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.core.quantities import plain
from erp.gates import Answer, Question
from erp.inventory.queries import batch_by_lot
from quality.inspection.models import Inspection, InspectionResult
from quality.inspection.queries import unfinished
from traceability.gates import RELEASE

ACCEPT = gates.define("inspection.accept", _("May what was inspected be accepted?"))
NO_RESULT = _("%(inspection)s has no result for “%(name)s”.")
TOO_FEW_RESULTS = _("%(inspection)s has results of %(done)s of %(needed)s samples for “%(name)s”.")


def ref(inspection: Inspection) -> RecordRef:
    """Return the pointer to an inspection."""
    url = f"/inspections/{inspection.pk}/"
    return RecordRef("quality.inspection", str(inspection.pk), inspection.number, url)


@gates.check(ACCEPT)
def no_plan(question: Question) -> Iterator[Answer]:
    """Goods are accepted against criteria that were written before (ISO 13485, 8.2.6)."""
    bare = Inspection.objects.filter(pk__in=question.ids, plan__isnull=True).select_related(
        "lot__item"
    )
    for inspection in bare:
        sentence = _("%(item)s has no inspection plan for this stage. Write one first.") % {
            "item": inspection.lot.item.code
        }
        yield Answer(inspection.pk, Blocker("inspection.no_plan", sentence, ref(inspection)))


@gates.check(ACCEPT)
def results_missing(question: Question) -> Iterator[Answer]:
    """Every characteristic of the plan has the results of as many samples as the plan asks for."""
    inspections = Inspection.objects.in_bulk(question.ids)
    for left in unfinished(inspections):
        inspection = inspections[left.inspection_id]
        sentence = NO_RESULT if left.needed == 1 else TOO_FEW_RESULTS
        facts = {
            "inspection": inspection.number,
            "name": left.characteristic.name,
            "done": left.done,
            "needed": left.needed,
        }
        blocker = Blocker("inspection.result_missing", sentence % facts, ref(inspection))
        yield Answer(inspection.pk, blocker)


@gates.check(ACCEPT)
def out_of_limits(question: Question) -> Iterator[Answer]:
    """Nothing outside its limits is accepted, except by concession; a part may be set aside."""
    if question.facts.get("in_part"):
        return
    bad = InspectionResult.objects.standing().filter(inspection__in=question.ids, within=False)
    for result in bad.select_related("inspection", "characteristic").order_by("pk"):
        sentence = _(
            "%(inspection)s: “%(name)s”, sample %(sample)s, is out of limits (%(value)s)."
        ) % {
            "inspection": result.inspection.number,
            "name": result.characteristic.name,
            "sample": result.sample,
            "value": _("fail") if result.value is None else plain(result.value),
        }
        blocker = Blocker(
            "inspection.out_of_limits", sentence, ref(result.inspection), waivable=True
        )
        yield Answer(result.inspection_id, blocker)


@gates.check(RELEASE)
def inspection_open(question: Question) -> Iterator[Answer]:
    """Nothing is released before what was presented has been decided."""
    for lot, inspection in about(question, Inspection.objects.open()):
        sentence = _("Inspection %(inspection)s of %(lot)s is not decided yet.") % {
            "inspection": inspection.number,
            "lot": inspection.lot.number,
        }
        yield Answer(lot, Blocker("inspection.open", sentence, ref(inspection)))


def about(
    question: Question, inspections: QuerySet[Inspection]
) -> Iterator[tuple[int, Inspection]]:
    """Pair each asked lot with these inspections of it or of the lot it belongs to."""
    asked = batch_by_lot(question.ids)
    batches = {batch for batch in asked.values() if batch}
    rows = inspections.filter(Q(lot__in=question.ids) | Q(lot__in=batches)).select_related("lot")
    by_lot: dict[int, list[Inspection]] = {}
    for inspection in rows.order_by("pk"):
        by_lot.setdefault(inspection.lot_id, []).append(inspection)
    for pk, batch in asked.items():
        for inspection in [*by_lot.get(pk, ()), *by_lot.get(batch or -1, ())]:
            yield pk, inspection
