"""How what an operation recorded is taken back: declared for every operation that writes events.

What one operation recorded at once stands or falls together. Either its events can be declared
wrong, and then the apps that keep figures of it follow (:class:`EventsDeclaredWrong`), or there is
another way that fits better, and then the refusal says which. An operation nobody declared is
refused as well: no figure becomes false because somebody forgot a line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from audit.models import OperationLog
from erp.core.errors import Text
from traceability.models import TraceEvent


@dataclass(frozen=True, slots=True)
class Way:
    """How events of one operation are taken back; ``instead`` is set where another way is right."""

    operation: str
    instead: Text = ""


WAYS: dict[str, Way] = {}


def correctable(*operations: str) -> None:
    """Declare that events of these operations can be declared wrong."""
    WAYS.update((code, Way(code)) for code in operations)


def taken_back_by(instead: Text, *operations: str) -> None:
    """Declare that events of these operations are taken back another way, said in a sentence."""
    WAYS.update((code, Way(code, instead)) for code in operations)


UNKNOWN = Way("", _("No rule says how this is taken back. Open a nonconformity instead."))
OBSERVED = Way("")
"""What came without an operation of ours (a partner's event, an import) flows by events alone."""


def ways_of(events: Iterable[TraceEvent]) -> dict[int, Way]:
    """Return the way of each event, by the operation that recorded it; one query for all."""
    by_event = {event.pk: event.operation_id for event in events}
    known = OperationLog.objects.filter(pk__in={o for o in by_event.values() if o is not None})
    codes = dict(known.values_list("pk", "code"))
    return {
        pk: WAYS.get(codes[operation], UNKNOWN) if operation in codes else OBSERVED
        for pk, operation in by_event.items()
    }


def recorded_with(events: Collection[TraceEvent]) -> list[TraceEvent]:
    """Return these events and everything that was recorded at once with them, oldest first."""
    together = {
        event.operation_id
        for event, way in zip(events, ways_of(events).values(), strict=True)
        if event.operation_id is not None and way.operation
    }
    pks = {event.pk for event in events}
    rows = TraceEvent.objects.filter(operation_id__in=together) if together else ()
    found = {event.pk: event for event in (*events, *rows)}
    return [found[pk] for pk in sorted({*pks, *found})]
