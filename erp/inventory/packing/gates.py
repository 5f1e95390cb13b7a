"""May goods be packed? What is on hold or expired is not; and what a hold in a box does to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.core.quantities import ZERO
from erp.gates import Answer, Question
from erp.inventory.gates import on_hold
from erp.inventory.models import Balance
from traceability.corrections.gates import CORRECT, event_ref
from traceability.gates import expired
from traceability.models import LogisticUnit, TraceEvent
from traceability.packing import queries
from traceability.packing.states import CarrierState

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


@gates.check(CORRECT)
def contents_changed(question: Question) -> Iterator[Answer]:
    """What an aggregation put in must still lie there, and what it took out still lie loose."""
    events = TraceEvent.objects.standing().filter(pk__in=question.ids, carrier__isnull=False)
    for event in events.select_related("carrier__location").order_by("pk"):
        carrier = event.carrier
        if carrier is None:
            continue
        if carrier.state != CarrierState.OPEN:
            sentence = _("%(unit)s is not in house any more.") % {"unit": carrier.sscc}
            yield Answer(event.pk, Blocker("packing.away", sentence, unit_ref(carrier)))
        elif not _can_go_back(event, carrier):
            sentence = _("What lies in %(unit)s changed since.") % {"unit": carrier.sscc}
            yield Answer(event.pk, Blocker("packing.changed", sentence, unit_ref(carrier)))
            later = TraceEvent.objects.standing().filter(carrier=carrier, pk__gt=event.pk)
            for other in later.order_by("-pk"):
                sentence = _("First declare wrong what happened to %(lot)s later.") % {
                    "lot": carrier.sscc
                }
                yield Answer(event.pk, Blocker("event.later_event", sentence, event_ref(other)))


def _can_go_back(event: TraceEvent, carrier: LogisticUnit) -> bool:
    lots = {
        line.lot_id: line.quantity for line in event.subjects.all() if line.quantity is not None
    }
    units = set(event.units.values_list("unit_id", flat=True))
    if event.action == TraceEvent.Action.ADD:
        inside = queries.contents([carrier.pk])[carrier.pk]
        there = all(inside.lots.get(lot, ZERO) >= quantity for lot, quantity in lots.items())
        return there and units <= set(inside.units)
    loose = loose_at(carrier.location_id, lots)
    boxes = LogisticUnit.objects.filter(
        pk__in=units, state=CarrierState.OPEN, location=carrier.location_id
    )
    free = not queries.carriers_of(units) and boxes.count() == len(units)
    return free and all(loose[lot] >= quantity for lot, quantity in lots.items())


def loose_at(location_id: int, lot_ids: Collection[int]) -> dict[int, Decimal]:
    """Return what lies of each lot at a place outside of boxes and pallets, in every status."""
    loose = dict.fromkeys(lot_ids, ZERO)
    lying = Balance.objects.filter(lot__in=lot_ids, location=location_id)
    for lot_id, quantity in lying.values_list("lot_id", "quantity"):
        loose[lot_id] += quantity
    for row in queries.packed(lot_ids):
        if row.location_id == location_id:
            loose[row.lot_id] -= row.quantity
    return loose
