"""The question of a saved trace, asked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from erp.core.actor import Actor
from traceability.saved.models import SavedTrace
from traceability.trace import asked
from traceability.trace.answer import Direction
from traceability.trace.asked import Asked
from traceability.trace.query import Trace


def read(given: Mapping[str, Any]) -> Asked:
    """Return the question given to the operation, by the same rules as one in an address."""
    query = QueryDict(mutable=True)
    query.setlist("start", list(given["start"]))
    for name in ("direction", "since", "until", "as_known", "depth"):
        value = given.get(name)
        query[name] = "" if value is None else str(value)
    return asked.read(query)


def again(saved: SavedTrace, actor: Actor) -> Trace:
    """Return the question of a saved trace as it is answered now, for this person."""
    question = Asked(
        tokens=saved.start,
        direction=Direction(saved.direction),
        since=saved.since,
        until=saved.until,
        depth=saved.depth,
    )
    return question.trace(actor)


def address(saved: SavedTrace, *, as_known: bool = False) -> str:
    """Return the address of the question in the trace explorer."""
    pairs = [("start", token) for token in saved.start]
    pairs.append(("direction", saved.direction))
    moments = {"since": saved.since, "until": saved.until}
    moments["as_known"] = saved.known_at if as_known else None
    pairs += [(name, at.isoformat()) for name, at in moments.items() if at]
    pairs += [("depth", str(saved.depth))] if saved.depth is not None else []
    return f"/trace/?{urlencode(pairs)}"
