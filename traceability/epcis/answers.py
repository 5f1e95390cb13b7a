"""Events as documents: the answer to a query, a message to a subscriber, an exported file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from erp.core import clock
from traceability.epcis import contexts, names
from traceability.epcis.models import EpcisEvent

VERSION = "2.0"
_IDS = frozenset(
    {
        "epcList", "childEPCs", "inputEPCList", "outputEPCList", "parentID", "id", "epcClass",
        "bizTransaction", "source", "destination", "deviceID",
    }
)  # fmt: skip


def query_document(
    events: Sequence[EpcisEvent], *, name: str, epc_format: str, subscription: str = ""
) -> dict[str, Any]:
    """Return an ``EPCISQueryDocument`` with these events."""
    context, bodies = with_context([(event_body(e, epc_format), e.context) for e in events])
    results: dict[str, Any] = {"queryName": name, "resultsBody": {"eventList": bodies}}
    if subscription:
        results["subscriptionID"] = subscription
    return {
        "@context": context,
        "type": "EPCISQueryDocument",
        "schemaVersion": VERSION,
        "creationDate": clock.now().isoformat(),
        "epcisBody": {"queryResults": results},
    }


def event_body(event: EpcisEvent, epc_format: str) -> dict[str, Any]:
    """Return an event as it was told, with its id, when it was recorded, and ids as wanted.

    Nothing else is touched: what an extension says stays as it was written.
    """
    body = dict(event.document)
    if epc_format not in {"Never_Translates", "No_Preference"}:
        body = _translated(body, epc_format)
    body["eventID"] = event.event_id
    body["recordTime"] = event.record_time.isoformat()
    return body


def _translated(body: Mapping[str, Any], epc_format: str) -> dict[str, Any]:
    return {
        key: value
        if ":" in key or key == "ilmd"
        else _in_format(value, epc_format, named=key in _IDS)
        for key, value in body.items()
    }


def _in_format(value: Any, epc_format: str, *, named: bool) -> Any:
    if isinstance(value, str):
        return names.in_format(value, epc_format) if named else value
    if isinstance(value, list):
        return [_in_format(each, epc_format, named=named) for each in value]
    return _translated(value, epc_format) if isinstance(value, Mapping) else value


def with_context(
    events: Sequence[tuple[dict[str, Any], contexts.Context]],
) -> tuple[contexts.Context, list[dict[str, Any]]]:
    """Return one context for all, and the events, each with what it must say itself."""
    shared, rest = contexts.joined([context for _body, context in events])
    bodies = [
        {"@context": [contexts.STANDARD, *own], **body} if own else body
        for (body, _context), own in zip(events, rest, strict=True)
    ]
    return shared, bodies


def capture_document(
    bodies: Iterable[dict[str, Any]], context: contexts.Context, *, sender: str = ""
) -> Iterator[str]:
    """Yield an ``EPCISDocument`` piece by piece: memory does not grow with its events."""
    head = {
        "@context": [contexts.STANDARD, *context],
        "type": "EPCISDocument",
        "schemaVersion": VERSION,
        "creationDate": clock.now().isoformat(),
    }
    if sender:
        head["sender"] = sender
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "epcisBody": {"eventList": ['
    separator = "\n"
    for body in bodies:
        yield separator + json.dumps(body, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}}\n"
