"""Any trace as an EPCIS document: what happened to its lots, for a partner or an authority."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from traceability.epcis import answers, names
from traceability.epcis.models import EpcisEvent, EpcisLink
from traceability.epcis.ours import CONTEXT, exported
from traceability.models import TraceEvent
from traceability.trace.query import Trace

BLOCK = 500


def document(trace: Trace) -> Iterator[str]:
    """Yield the events of a trace, ours and partners', as one document in the order of time.

    A partner's event stands as the partner told it; ours stand as published, or as they would be.
    """
    ordered = TraceEvent.objects.filter(pk__in=trace.event_ids).order_by("event_time", "pk")
    bodies = _bodies(ordered.values_list("pk", flat=True).iterator(chunk_size=BLOCK))
    return answers.capture_document(bodies, CONTEXT, sender=f"{names.base()}/")


def _bodies(pks: Iterator[int]) -> Iterator[dict[str, Any]]:
    told: set[int] = set()
    while block := list(islice(pks, BLOCK)):
        yield from _block(block, told)


def _block(block: Sequence[int], told: set[int]) -> Iterator[dict[str, Any]]:
    """Yield the events of some trace events; one event is told once."""
    links = EpcisLink.objects.filter(trace_event_id__in=block).select_related("event")
    kept: dict[int, list[EpcisEvent]] = {}
    for link in links.order_by("event_id"):
        kept.setdefault(link.trace_event_id, []).append(link.event)
    rest = [pk for pk in block if pk not in kept]
    fresh = {own.trace_event_id: own.document for own in exported(rest)}
    for pk in block:
        for event in kept.get(pk, ()):
            if event.pk not in told:
                told.add(event.pk)
                context = [e for e in event.context if e not in CONTEXT]
                own = {"@context": [*CONTEXT, *context]} if context else {}
                yield {**own, **event.document, "eventID": event.event_id}
        if pk in fresh:
            yield {k: v for k, v in fresh[pk].items() if k != "@context"}
