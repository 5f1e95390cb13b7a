"""What deviations stand in the way of; what lets it pass is in ``concessions``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

from django.db.models import OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.core.quantities import plain
from erp.gates import Answer, Question
from erp.inventory.conversion.gates import REWORK
from erp.inventory.models import Balance, StockStatus
from quality.inspection.gates import about
from quality.inspection.gates import ref as inspection_ref
from quality.inspection.models import Inspection
from quality.inspection.states import InspectionState
from quality.nonconformity.models import Deviation, DeviationLot
from quality.nonconformity.queries import open_against
from quality.nonconformity.states import DeviationState
from traceability.gates import RELEASE
from traceability.gates import ref as lot_ref
from traceability.models import Lot
from traceability.states import LotState

USE_AS_IS = gates.define("lot.use_as_is", _("May these refused lots be used as they are?"))


def ref(deviation: Deviation) -> RecordRef:
    """Return the pointer to a deviation."""
    url = f"/deviations/{deviation.pk}/"
    return RecordRef("quality.deviation", str(deviation.pk), deviation.number, url)


@gates.check(RELEASE)
def deviation_open(question: Question) -> Iterator[Answer]:
    """Nothing is released while a deviation on it, or on what went into it, is open (8.3)."""
    for lot_id, deviations in open_against(question.ids).items():
        for deviation in deviations:
            sentence = _("%(deviation)s is not closed: %(title)s") % {
                "deviation": deviation.number,
                "title": deviation.title,
            }
            yield Answer(lot_id, Blocker("deviation.open", sentence, ref(deviation), waivable=True))


@gates.check(RELEASE)
def inspection_failed(question: Question) -> Iterator[Answer]:
    """A lot whose last inspection at a stage refused it is released by concession only."""
    newest = Inspection.objects.filter(lot=OuterRef("lot"), stage=OuterRef("stage")).order_by("-pk")
    failed = Inspection.objects.filter(
        state=InspectionState.REJECTED, pk=Subquery(newest.values("pk")[:1])
    )
    conceded = Deviation.objects.filter(
        state=DeviationState.CLOSED, disposition=Deviation.Disposition.USE_AS_IS
    )
    standing = failed.exclude(deviations__in=conceded)
    for lot_id, inspection in about(question, standing):
        sentence = _("Inspection %(inspection)s rejected %(lot)s.") % {
            "inspection": inspection.number,
            "lot": inspection.lot.number,
        }
        blocker = Blocker("inspection.failed", sentence, inspection_ref(inspection), waivable=True)
        yield Answer(lot_id, blocker)


@gates.check(USE_AS_IS)
def refused(question: Question) -> Iterator[Answer]:
    """What was refused is used only by a signed concession (ISO 13485, 8.3.2)."""
    blocked = _blocked_stock(question.ids)
    for lot in Lot.objects.filter(pk__in=question.ids).select_related("item").order_by("pk"):
        if lot.state == LotState.REJECTED:
            sentence = _("%(lot)s is rejected.") % {"lot": lot.number}
        elif lot.pk in blocked:
            sentence = _("%(quantity)s %(unit)s of %(lot)s are blocked.") % {
                "quantity": plain(blocked[lot.pk]),
                "unit": lot.item.get_unit_display(),
                "lot": lot.number,
            }
        else:
            continue
        yield Answer(lot.pk, Blocker("lot.refused", sentence, lot_ref(lot), waivable=True))


def _blocked_stock(lot_ids: Collection[int]) -> dict[int, Decimal]:
    rows = Balance.objects.filter(lot__in=lot_ids, status=StockStatus.BLOCKED, quantity__gt=0)
    return {r["lot_id"]: r["total"] for r in rows.values("lot_id").annotate(total=Sum("quantity"))}


@gates.check(REWORK)
def rework_not_decided(question: Question) -> Iterator[Answer]:
    """Goods are reworked after it was decided so, with the justification signed (8.3.4)."""
    decided = DeviationLot.objects.filter(
        deviation__disposition=Deviation.Disposition.REWORK,
        deviation__state__in=[DeviationState.DISPOSITIONED, DeviationState.CLOSED],
    ).values("lot")
    lots = Lot.objects.filter(pk__in=question.ids).exclude(
        Q(pk__in=decided) | Q(batch__isnull=False, batch__in=decided)
    )
    for lot in lots.order_by("pk"):
        sentence = _("No deviation decides that %(lot)s is reworked.") % {"lot": lot.number}
        yield Answer(lot.pk, Blocker("deviation.rework_not_decided", sentence, lot_ref(lot)))
