"""May lots be made into others? Stock asks, higher apps answer too."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.gates import Answer, Question
from erp.inventory.queries import open_holds
from traceability.gates import ref
from traceability.models import Lot
from traceability.states import LotState

MERGE = gates.define("lot.merge", _("May these lots become one?"))
CONVERT = gates.define("lot.convert", _("May these lots be packed or graded anew?"))
REWORK = gates.define("lot.rework", _("May these lots be reworked?"))


@gates.check(MERGE)
@gates.check(CONVERT)
def held(question: Question) -> Iterator[Answer]:
    """What is on hold is not mixed with anything and gets no other name."""
    for lot_id, lines in open_holds(question.ids).items():
        for line in lines:
            sentence = _("%(lot)s is on hold %(hold)s: %(reason)s") % {
                "lot": line.lot.number,
                "hold": line.hold.number,
                "reason": line.hold.reason,
            }
            pointer = RecordRef(
                "inventory.hold", str(line.hold_id), line.hold.number, f"/holds/{line.hold_id}/"
            )
            yield Answer(lot_id, Blocker("lot.on_hold", sentence, pointer))


@gates.check(CONVERT)
def refused(question: Question) -> Iterator[Answer]:
    """What quality refused does not come back under another number."""
    for lot in Lot.objects.filter(pk__in=question.ids, state=LotState.REJECTED).order_by("pk"):
        sentence = _("%(lot)s is rejected.") % {"lot": lot.number}
        yield Answer(lot.pk, Blocker("lot.rejected", sentence, ref(lot)))
