"""Holds win: nothing on hold is used, promised, shipped or released."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.gates import Answer, Question
from erp.inventory.queries import open_holds
from traceability.gates import ALLOCATE, ISSUE, RELEASE, SHIP


@gates.check(ISSUE)
@gates.check(ALLOCATE)
@gates.check(SHIP)
@gates.check(RELEASE)
def on_hold(question: Question) -> Iterator[Answer]:
    """Name every open hold that reaches each lot, its batch's holds included."""
    for lot_id, lines in open_holds(question.ids).items():
        for line in lines:
            sentence = _("%(lot)s is on hold %(hold)s: %(reason)s") % {
                "lot": line.lot.number,
                "hold": line.hold.number,
                "reason": line.hold.reason,
            }
            ref = RecordRef(
                "inventory.hold", str(line.hold_id), line.hold.number, f"/holds/{line.hold_id}/"
            )
            yield Answer(lot_id, Blocker("lot.on_hold", sentence, ref))
