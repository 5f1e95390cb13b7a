"""May an event be declared wrong? The question, and what the events themselves answer."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef
from erp.gates import Answer, Question
from traceability.corrections.queries import never_made
from traceability.corrections.ways import ways_of
from traceability.gates import ALLOCATE, ISSUE, RELEASE, SHIP, ref
from traceability.models import Lot, TraceEvent
from traceability.words import event_words

CORRECT = gates.define("event.correct", _("May these events be declared wrong?"))


def event_ref(event: TraceEvent) -> RecordRef:
    """Return the pointer to an event, named by what happened and when."""
    label = f"#{event.pk} {event_words(event)}"
    return RecordRef("traceability.traceevent", str(event.pk), label, f"/trace-events/{event.pk}/")


@gates.check(CORRECT)
def declared_already(question: Question) -> Iterator[Answer]:
    """A declaration is final, and is itself no event that could be wrong."""
    events = TraceEvent.objects.filter(pk__in=question.ids).prefetch_related("corrections")
    for event in events.order_by("pk"):
        if event.corrects_id is not None:
            sentence = _("This is a correction. Record again what really happened.")
            yield Answer(event.pk, Blocker("event.is_correction", sentence, event_ref(event)))
        for correction in event.corrections.all():
            sentence = _("This was declared wrong already.")
            yield Answer(
                event.pk, Blocker("event.declared_already", sentence, event_ref(correction))
            )


@gates.check(CORRECT)
def taken_back_otherwise(question: Question) -> Iterator[Answer]:
    """What has its own way back is taken back that way; each sentence once."""
    events = {e.pk: e for e in TraceEvent.objects.filter(pk__in=question.ids).order_by("pk")}
    said: set[str] = set()
    for pk, way in ways_of(events.values()).items():
        if way.instead and way.operation not in said:
            said.add(way.operation)
            blocker = Blocker("event.taken_back_otherwise", way.instead, event_ref(events[pk]))
            yield Answer(pk, blocker)


@gates.check(ISSUE)
@gates.check(ALLOCATE)
@gates.check(SHIP)
@gates.check(RELEASE)
def was_never_made(question: Question) -> Iterator[Answer]:
    """A lot whose making was declared wrong is a number without goods."""
    for lot in Lot.objects.filter(pk__in=never_made(question.ids)).order_by("pk"):
        sentence = _("%(lot)s was never made: the event that made it was declared wrong.") % {
            "lot": lot.number
        }
        yield Answer(lot.pk, Blocker("lot.never_made", sentence, ref(lot)))
