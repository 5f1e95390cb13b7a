"""A question as it stands in an address, the same for page, API and exports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from erp.core import clock
from erp.core.actor import Actor
from traceability.ids import IdSet
from traceability.origins import PG_INT_MAX
from traceability.trace.answer import Direction
from traceability.trace.errors import BadQuestion
from traceability.trace.query import Filter, Trace
from traceability.trace.siblings import Siblings
from traceability.trace.start import resolve

MAX_DEPTH = 10_000
MAX_STARTS = 200
MAX_TEXT = 60


@dataclass(frozen=True)
class Asked:
    """The parts of a question, read and checked; still without the records it names."""

    tokens: Sequence[str]
    direction: Direction
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    as_known_at: dt.datetime | None = None
    depth: int | None = None
    via: tuple[str, ...] = ()

    def trace(self, actor: Actor) -> Trace:
        """Return the trace, or the siblings; raises where a record is unknown or not visible."""
        start = resolve(
            self.tokens,
            actor=actor,
            since=self.since,
            until=self.until,
            as_known_at=self.as_known_at,
        )
        if self.direction is Direction.SIBLINGS:
            return Siblings(start, self.direction, actor, self.as_known_at, via=self.via)
        return Trace(start, self.direction, actor, self.as_known_at, self.depth)


def read(query: QueryDict) -> Asked:
    """Return the question of an address; raises ``BadQuestion`` naming the part that is wrong."""
    tokens = [token.strip() for token in query.getlist("start") if token.strip()]
    if len(tokens) > MAX_STARTS:
        raise BadQuestion(name="start", value=len(tokens), expected=_("at most 200 records"))
    since, until = moment(query, "since"), moment(query, "until", end=True)
    if since and until and since >= until:
        raise BadQuestion(
            name="until", value=text(query, "until"), expected=_("a day not before the first")
        )
    return Asked(
        tokens=tokens,
        direction=_direction(query.get("direction", "")),
        since=since,
        until=until,
        as_known_at=moment(query, "as_known", end=True),
        depth=whole(query, "depth", most=MAX_DEPTH),
        via=tuple(dict.fromkeys(v.strip() for v in query.getlist("via") if v.strip())),
    )


def read_filter(query: QueryDict, trace: Trace) -> Filter:
    """Return which lots of the answer are wanted; of siblings also by what makes them some."""
    token, among = text(query, "through"), None
    if token and isinstance(trace, Siblings):
        lots = [through.lots for through in trace.through if through.token == token]
        among = lots[0] if lots else IdSet(())
    return Filter(
        among=among,
        item_id=whole(query, "item", most=PG_INT_MAX),
        kind=text(query, "kind"),
        state=text(query, "state"),
        level=whole(query, "level", most=MAX_DEPTH, least=-MAX_DEPTH),
        search=text(query, "search"),
    )


def _direction(value: str) -> Direction:
    try:
        return Direction(value or Direction.FORWARD)
    except ValueError:
        raise BadQuestion(
            name="direction", value=value[:40], expected=", ".join(Direction)
        ) from None


def text(query: QueryDict, name: str) -> str:
    """Return a text of the address, of reasonable length and without what no text can hold."""
    return query.get(name, "").replace("\x00", "").strip()[:MAX_TEXT]


def whole(query: QueryDict, name: str, *, most: int, least: int = 0) -> int | None:
    """Return a whole number of the address, ``None`` where it is not given."""
    given = text(query, name)
    if not given:
        return None
    digits = given.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and least <= int(given) <= most):
        raise BadQuestion(name=name, value=given, expected=f"{least} … {most}")
    return int(given)


def moment(query: QueryDict, name: str, *, end: bool = False) -> dt.datetime | None:
    """Return an instant; a date alone means its first moment, with ``end`` the first after it."""
    given = text(query, name)
    if not given:
        return None
    try:
        day, instant = parse_date(given), parse_datetime(given)
    except ValueError:
        day = instant = None
    said = day or instant
    if said is not None and not clock.thinkable(said):
        years = f"{clock.FIRST_YEAR} … {clock.LAST_YEAR}"
        raise BadQuestion(name=name, value=given, expected=years)
    if day is not None:
        first = dt.datetime.combine(day + dt.timedelta(days=1) if end else day, dt.time.min)
        return timezone.make_aware(first)
    if instant is not None:
        return instant if timezone.is_aware(instant) else timezone.make_aware(instant)
    raise BadQuestion(name=name, value=given, expected="2026-11-22")


def address(query: QueryDict, **changes: object) -> str:
    """Return the address with some parts changed; ``None`` and empty take a part away."""
    pairs = [(k, v) for k, values in query.lists() for v in values if k not in changes]
    pairs += [(k, str(v)) for k, v in changes.items() if v not in (None, "")]
    return "?" + urlencode(pairs)
