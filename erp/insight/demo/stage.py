"""Where the story is told: who acts, at which told moment, through which operation.

Several storylines run side by side, each a generator that yields the moment it goes on at. They are
resumed in the order of time, so that numbers, stock and gates are as they would have been.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from django.utils import timezone

from erp.accounts.models import User
from erp.accounts.queries import actor_for, zone_of
from erp.core import clock
from erp.core.actor import Actor
from erp.core.context import Channel, Context, SigningProof
from erp.insight.demo.calendar import Calendar
from erp.operations import Operation

T = TypeVar("T")
Storyline = Iterator[dt.datetime]
STEP = dt.timedelta(minutes=6)


class Stage:
    """Calls operations as somebody at the told moment; each call takes some minutes of that day."""

    def __init__(self, calendar: Calendar, password: str) -> None:
        self.calendar = calendar
        self.moment = calendar.at(0, "08:00")
        self.done = 0
        self._password = password
        self._actors: dict[str, Actor] = {}
        self._zones: dict[str, dt.tzinfo] = {}

    def at(self, back: int, clock_time: str, site: str = "LUB") -> dt.datetime:
        """Return a moment of the told past (see :class:`Calendar`)."""
        return self.calendar.at(back, clock_time, site)

    def do(self, op: Operation[..., Any], who: str, *, reason: str = "", **values: Any) -> Any:
        """Carry out one operation as ``who``, signing where it is signed."""
        proof = None
        if op.signed_as is not None:
            proof = SigningProof(who, self._password, op.signed_as)
        with clock.telling(self.moment), timezone.override(self._zone(who)):
            ctx = Context(
                actor=self.actor(who),
                channel=Channel.IMPORT,
                at=self.moment,
                reason=reason,
                signature=proof,
            )
            result = op(ctx, **values)
        self.moment += STEP
        self.done += 1
        return result

    def _zone(self, who: str) -> dt.tzinfo:
        """Return the zone of somebody's site: a signature says the local time of its signer."""
        if who not in self._zones:
            self._zones[who] = zone_of(User.objects.get(username=who).home_site)
        return self._zones[who]

    def actor(self, who: str) -> Actor:
        """Return the actor of a person, looked up once."""
        if who not in self._actors:
            self._actors[who] = actor_for(User.objects.get(username=who))
        return self._actors[who]

    def forget_actors(self) -> None:
        """Look everybody up again: their roles have changed."""
        self._actors.clear()

    def told(self, read: Callable[[], T]) -> T:
        """Read something as at the told moment."""
        with clock.telling(self.moment):
            return read()

    def play(self, storylines: Iterable[Storyline]) -> None:
        """Tell the storylines side by side, always going on with the earliest."""
        order = itertools.count()
        waiting: list[tuple[dt.datetime, int, Storyline]] = []
        for line in storylines:
            _resume(waiting, line, order)
        while waiting:
            moment, _number, line = heapq.heappop(waiting)
            self.moment = moment
            _resume(waiting, line, order)


def _resume(
    waiting: list[tuple[dt.datetime, int, Storyline]], line: Storyline, order: Iterator[int]
) -> None:
    moment = next(line, None)
    if moment is not None:
        heapq.heappush(waiting, (moment, next(order), line))
