"""What keeps an event from being declared wrong: goods that went on since."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker
from erp.core.quantities import plain
from erp.gates import Answer, Question
from erp.inventory.corrections import queries
from erp.inventory.corrections.queries import Missing
from erp.masterdata.models import Location
from traceability.corrections.gates import CORRECT, event_ref
from traceability.corrections.ways import OBSERVED, ways_of
from traceability.gates import ref
from traceability.models import Lot, TraceEvent

NAMED = 20


@gates.check(CORRECT)
def goods_went_on(question: Question) -> Iterator[Answer]:
    """What an event brought must still lie there; else the later events are named, newest first."""
    standing = TraceEvent.objects.standing().filter(pk__in=question.ids)
    moves = queries.moves_of(set(standing.values_list("pk", flat=True)))
    if not moves:
        return
    found = queries.missing(moves)
    lots = Lot.objects.in_bulk({m.key[0] for m in found})
    places = Location.objects.in_bulk({m.key[1] for m in found})
    event_id = moves[0].event_id
    for gone in found:
        lot_id, place_id, _status = gone.key
        yield from _answers(event_id, gone, lots[lot_id], places[place_id])


def _answers(event_id: int, gone: Missing, lot: Lot, place: Location) -> Iterator[Answer]:
    facts = {
        "lot": lot.number,
        "wanted": plain(gone.wanted),
        "left": plain(gone.left),
        "place": place.code,
    }
    sentence = (
        _("%(lot)s: %(wanted)s would have to leave %(place)s, %(left)s of it did not move on.")
        % facts
    )
    yield Answer(event_id, Blocker("event.goods_went_on", sentence, ref(lot)))
    events = list({event.pk: event for event in gone.later}.values())
    for event in events[:NAMED]:
        sentence = _("First declare wrong what happened to %(lot)s later.") % {"lot": lot.number}
        yield Answer(event_id, Blocker("event.later_event", sentence, event_ref(event)))
    if len(events) > NAMED:
        more = _("%(count)s more events took from %(lot)s at %(place)s since.") % {
            **facts,
            "count": len(events) - NAMED,
        }
        yield Answer(event_id, Blocker("event.later_events", more, ref(lot)))


@gates.check(CORRECT)
def ledger_without_operation(question: Question) -> Iterator[Answer]:
    """Stock that no operation of ours moved cannot be moved back by rule."""
    moved = {move.event_id for move in queries.moves_of(question.ids)}
    events = TraceEvent.objects.filter(pk__in=moved).order_by("pk")
    ways = ways_of(events)
    for event in events:
        if ways[event.pk] is OBSERVED:
            sentence = _("No operation of ours recorded this. Count the stock instead.")
            yield Answer(event.pk, Blocker("event.no_operation", sentence, event_ref(event)))
