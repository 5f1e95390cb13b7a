"""Declare an event wrong, and name what tells it rightly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp import gates
from erp.core.context import Context
from erp.core.errors import Blocker
from erp.core.quantities import plain
from erp.inventory.corrections import inputs, queries, steps
from erp.inventory.corrections.errors import NoCorrective
from erp.inventory.queries import with_batches
from erp.operations import Reason, operation
from traceability.corrections import steps as declarations
from traceability.corrections.gates import CORRECT, event_ref
from traceability.corrections.queries import lots_of
from traceability.corrections.ways import recorded_with
from traceability.locking import lock_lots
from traceability.models import ErrorDeclaration, EventInput, EventOutput, TraceEvent


def _sites(event: TraceEvent, _values: Any) -> Collection[int]:
    """Return every site whose stock would change: the right is needed at each."""
    together = [e.pk for e in recorded_with([event])]
    return {event.site_id, *queries.places_of(queries.moves_of(together))}


def _together(event: TraceEvent) -> list[int]:
    return [e.pk for e in recorded_with([event])]


def declared_content(event: TraceEvent) -> dict[str, Any]:
    """Return what a declaration signs: the wrong event as it stands, and what is said of it."""
    declaration = ErrorDeclaration.objects.get(wrong=event)
    return {
        "declaration": declaration.number,
        "error": declaration.error,
        "explanation": declaration.explanation,
        "event": event.pk,
        "step": event.biz_step,
        "event_time": event.event_time,
        "inputs": _quantities(EventInput.objects.filter(event=event)),
        "outputs": _quantities(EventOutput.objects.filter(event=event)),
    }


def _quantities(lines: Any) -> dict[str, str]:
    return {x.lot.number: plain(x.quantity) for x in lines.select_related("lot").order_by("lot_id")}


@operation(
    "inventory.declare_error",
    title=_("Declare wrong"),
    sentence=_(
        "This event, and what was recorded at once with it, no longer counts; goods go back."
    ),
    noun="trace-events",
    verb="declare-error",
    subject="traceability.TraceEvent",
    subject_arg="event_id",
    creates="traceability.ErrorDeclaration",
    input=inputs.DeclareError,
    site_of=_sites,
    gate=CORRECT,
    gate_ids=_together,
    signed_as=Meaning.AUTHORED,
    signs=declared_content,
    reason=Reason.REQUIRED,
    danger=True,
)
def declare_error(ctx: Context, *, event_id: int, error: str) -> ErrorDeclaration:
    """Correct a wrong event by a further one (TRC-08; EPCIS 2.0 error declaration).

    Refused with all reasons at once where goods went on since: then the newest event comes first.
    """
    wrong = TraceEvent.objects.get(pk=event_id)
    together = recorded_with([wrong])
    lots = lock_lots(ctx, with_batches(lots_of(together)))
    gates.ask(ctx, CORRECT, [event.pk for event in together])
    moves = queries.moves_of([event.pk for event in together])
    return steps.declare_wrong(ctx, wrong, together, lots, moves, error)


@operation(
    "inventory.name_corrective_event",
    title=_("Name the right event"),
    sentence=_("These events say how it really was."),
    noun="corrections",
    verb="name-corrective",
    subject="traceability.ErrorDeclaration",
    subject_arg="declaration_id",
    input=inputs.NameCorrective,
    site_of=lambda declaration, _values: declaration.wrong.site_id,
    primary=True,
    applies=lambda declaration: not _not_waiting(declaration),
)
def name_corrective_event(
    ctx: Context, *, declaration_id: int, event_ids: Sequence[int]
) -> ErrorDeclaration:
    """Name the events that tell rightly what a wrong one told (EPCIS ``correctiveEventIDs``)."""
    declaration = ErrorDeclaration.objects.select_related("wrong").get(pk=declaration_id)
    # Two people naming at once wait here for each other.
    lots = lock_lots(ctx, lots_of([declaration.wrong]))
    events = TraceEvent.objects.in_bulk(event_ids)
    blockers = [*_not_waiting(declaration)]
    for event in events.values():
        blockers += _unfit(declaration, event, lots)
    if blockers:
        raise NoCorrective(blockers=blockers, declaration=declaration.number)
    declarations.name_correctives(declaration, event_ids)
    return declaration


def _not_waiting(declaration: ErrorDeclaration) -> list[Blocker]:
    if declaration.error != ErrorDeclaration.Error.INCORRECT_DATA:
        sentence = _now("It was declared not to have happened, so nothing tells it rightly.")
        return [Blocker("event.did_not_occur", sentence)]
    if declaration.correctives.exists():
        return [Blocker("event.corrected", _now("The right events are named already."))]
    return []


def _unfit(
    declaration: ErrorDeclaration, event: TraceEvent, lots: Collection[int]
) -> list[Blocker]:
    found = []
    if event.pk <= declaration.event_id:
        sentence = _now("It was recorded before the error was declared.")
        found.append(Blocker("event.recorded_before", sentence, event_ref(event)))
    if event.corrects_id is not None or event.corrections.exists():
        sentence = _now("It is a correction, or was declared wrong itself.")
        found.append(Blocker("event.not_standing", sentence, event_ref(event)))
    if not lots_of([event]) & set(lots):
        sentence = _now("It concerns none of the lots of the wrong event.")
        found.append(Blocker("event.other_lots", sentence, event_ref(event)))
    if hasattr(event, "corrective_of"):
        sentence = _now("It corrects another event already.")
        found.append(Blocker("event.corrects_another", sentence, event_ref(event)))
    return found
