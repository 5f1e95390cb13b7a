"""Holds win: nothing on hold is used, promised, shipped or released, nor what was made of it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.gates import Answer, Question
from erp.inventory.models import HoldLine
from erp.inventory.queries import open_holds
from erp.inventory.sources import held_sources
from traceability.gates import ALLOCATE, ISSUE, RELEASE, SHIP


@gates.check(ISSUE)
@gates.check(ALLOCATE)
@gates.check(SHIP)
@gates.check(RELEASE)
def on_hold(question: Question) -> Iterator[Answer]:
    """Name every open hold that reaches each lot, its batch's holds included."""
    for lot_id, lines in open_holds(question.ids).items():
        for line in lines:
            sentence = _("%(lot)s is on hold %(hold)s: %(reason)s") % _facts(line)
            yield Answer(lot_id, Blocker("lot.on_hold", sentence, hold_ref(line)))


@gates.check(ALLOCATE)
@gates.check(SHIP)
@gates.check(RELEASE)
def made_of_held(question: Question) -> Iterator[Answer]:
    """Name every open hold on what went into a lot, at any distance.

    Until somebody has decided about the material, products of it go on by a concession only that
    was signed since (ISO 13485, 8.3.2).
    """
    sources = held_sources(question.ids)
    reached = open_holds(question.ids) if sources else {}
    for lot_id, lines in sources.items():
        # A hold that goes along with the goods is named once.
        own = {line.hold_id for line in reached.get(lot_id, ())}
        for line in lines:
            if line.hold_id not in own:
                said = _("%(lot)s, which went into it, is on hold %(hold)s: %(reason)s")
                sentence = said % _facts(line)
                blocker = Blocker("lot.made_of_held", sentence, hold_ref(line), waivable=True)
                about = (line.hold_id,)
                yield Answer(lot_id, blocker, about, since=line.hold.placed_at)


def _facts(line: HoldLine) -> dict[str, str]:
    hold = line.hold
    return {"lot": line.lot.number, "hold": hold.number, "reason": hold.reason}


def hold_ref(line: HoldLine) -> RecordRef:
    """Return the pointer to the hold of a line."""
    url = f"/holds/{line.hold_id}/"
    return RecordRef("inventory.hold", str(line.hold_id), line.hold.number, url)
