"""Where a question starts: ``lot:R-1042``, ``instrument:C-17``, several of them, with a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.ui.records import url_of
from traceability.models import EventInput, EventOutput, EventSubject, Lot, TraceEvent
from traceability.origins import ORIGINS, Origin
from traceability.trace.errors import NoPeriod, SeveralStarts, UnknownOrigin, UnknownStart
from traceability.trace.guess import guesses
from traceability.trace.void import not_void

MAX_RECORDS = 1000


@dataclass(frozen=True, slots=True)
class StartRecord:
    """A record the question names."""

    origin: str
    kind: Text
    pk: int
    label: str
    url: str

    @property
    def token(self) -> str:
        """Return the record as it stands in addresses."""
        return f"{self.origin}:{self.pk}"


@dataclass(frozen=True)
class Start:
    """The lots a trace starts from, and the records that were named to find them."""

    lot_ids: tuple[int, ...]
    records: tuple[StartRecord, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @classmethod
    def lots(cls, *lot_ids: int) -> Start:
        """Return a start from lots by id."""
        return cls(tuple(dict.fromkeys(lot_ids)))


def resolve(
    tokens: Iterable[str],
    *,
    actor: Actor,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    as_known_at: dt.datetime | None = None,
) -> Start:
    """Return the start named by ``tokens``, each ``origin:number``, ``origin:id`` or a bare number.

    Raises ``UnknownOrigin``, ``UnknownStart`` (a record the actor may not see is unknown),
    ``SeveralStarts`` and ``NoPeriod``: a period that narrows nothing would be answered as if it
    had.
    """
    records: list[StartRecord] = []
    lot_ids: dict[int, None] = {}
    for token in tokens:
        origin, found = _find(token, actor)
        if (since or until) and not origin.period:
            raise NoPeriod(origin=origin.label, value=found[0].label)
        records += found
        ids = [record.pk for record in found]
        lot_ids.update(dict.fromkeys(lots_of(origin, ids, since, until, as_known_at)))
    return Start(tuple(lot_ids), tuple(records), since, until)


def _find(token: str, actor: Actor) -> tuple[Origin, list[StartRecord]]:
    said = token.replace("\x00", "").strip()
    code, _, value = (said if ":" in said or not said else _meant(said, actor)).partition(":")
    origin = ORIGINS.get(code)
    if origin is None:
        raise UnknownOrigin(origin=code[:40], known=", ".join(sorted(ORIGINS)))
    rows = list(origin.find(actor, value.strip())[:MAX_RECORDS]) if value.strip() else []
    if not rows:
        raise UnknownStart(origin=origin.label, value=value[:80])
    key = origin.natural_key()
    return origin, [
        StartRecord(
            code,
            _kind(origin, row),
            row.pk,
            str((key and getattr(row, key, "")) or row),
            url_of(row),
        )
        for row in rows
    ]


def _meant(number: str, actor: Actor) -> str:
    """Return the start that a bare number means, where it can mean one thing only."""
    found = guesses(actor, number)
    if not found:
        raise UnknownStart(origin=gettext("record"), value=number[:80])
    if len(found) > 1:
        kinds = ", ".join(f"{guess.kind} ({guess.token})" for guess in found)
        raise SeveralStarts(value=number[:80], known=kinds)
    return found[0].token


def _kind(origin: Origin, row: object) -> Text:
    """Return what the record is; of lots, whether it is a lot or a unit."""
    return row.get_kind_display() if origin.code == "lot" and isinstance(row, Lot) else origin.label


def lots_of(
    origin: Origin,
    ids: list[int],
    since: dt.datetime | None,
    until: dt.datetime | None,
    as_known_at: dt.datetime | None,
) -> Iterator[int]:
    """Yield the lots these records touched.

    Of an event that is what it left behind: its outputs and what it looked at, and its inputs where
    nothing came out (a shipment, a destruction).
    """
    if origin.lots is not None:
        yield from origin.lots(ids, since, until)
        return
    if origin.events is not None:
        events = not_void(origin.events(ids, since, until), as_known_at)
        yield from _left_behind(events)


def _left_behind(events: QuerySet[TraceEvent]) -> Iterator[int]:
    pks = events.values("pk")
    made = EventOutput.objects.filter(event__in=pks).values_list("lot_id", flat=True)
    seen = EventSubject.objects.filter(event__in=pks).values_list("lot_id", flat=True)
    outputs = EventOutput.objects.filter(event=OuterRef("event"))
    gone = EventInput.objects.filter(~Exists(outputs), event__in=pks).values_list(
        "lot_id", flat=True
    )
    yield from made.union(seen, gone).order_by("lot_id")


def described(start: Start) -> str:
    """Return the start in words: the records by kind and number, the first few of many."""
    shown = [f"{record.kind} {record.label}" for record in start.records[:3]]
    more = len(start.records) - len(shown)
    text = ", ".join(shown)
    return gettext("%(first)s and %(n)s more") % {"first": text, "n": more} if more > 0 else text
