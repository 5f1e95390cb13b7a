"""May goods be packed? What is on hold or expired is not; and what a hold in a box does to it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.gates import Answer, Question
from erp.inventory.gates import on_hold
from traceability.gates import expired
from traceability.models import LogisticUnit
from traceability.packing import queries

PACK = gates.define("lot.pack", _("May these lots be packed?"))
SHIP_UNIT = gates.define("logistic-unit.ship", _("May these boxes and pallets leave?"))

gates.check(PACK)(on_hold)
gates.check(PACK)(expired)


def unit_ref(unit: LogisticUnit) -> RecordRef:
    """Return the pointer to a logistic unit."""
    url = f"/logistic-units/{unit.pk}/"
    return RecordRef("traceability.logisticunit", str(unit.pk), unit.sscc, url)


@gates.check(SHIP_UNIT)
def contents_on_hold(question: Question) -> Iterator[Answer]:
    """One held unit keeps the whole pallet; it must be taken out first."""
    for unit_id in sorted(question.ids):
        lots = queries.total(queries.inside([unit_id]).values())
        held = Question(PACK, frozenset(lots), question.actor, question.facts)
        for answer in on_hold(held):
            yield Answer(unit_id, answer.blocker)


@gates.check(SHIP_UNIT)
def still_inside_another(question: Question) -> Iterator[Answer]:
    """A box on a pallet leaves with the pallet, or after it was taken down."""
    outer = queries.carriers_of(question.ids)
    units = LogisticUnit.objects.in_bulk({*outer, *outer.values()})
    for inner, carrier in outer.items():
        if carrier not in question.ids:
            facts = {"unit": units[inner].sscc, "carrier": units[carrier].sscc}
            sentence = _("%(unit)s lies in %(carrier)s.") % facts
            yield Answer(inner, Blocker("packing.inside", sentence, unit_ref(units[carrier])))


@gates.check(SHIP_UNIT)
def nothing_inside(question: Question) -> Iterator[Answer]:
    """An empty box is no delivery."""
    units = LogisticUnit.objects.in_bulk(question.ids)
    for unit_id in sorted(units):
        if not queries.total(queries.inside([unit_id]).values()):
            sentence = _("Nothing lies in %(unit)s.") % {"unit": units[unit_id].sscc}
            yield Answer(unit_id, Blocker("packing.empty", sentence, unit_ref(units[unit_id])))
