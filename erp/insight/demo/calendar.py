"""Days of the told past: counted in working days back from the day of loading."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass

SATURDAY = 5
ZONES = {"LUB": "Europe/Berlin", "SUZ": "Asia/Shanghai"}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Counts working days back from the last one before ``today``."""

    today: dt.date

    def day(self, back: int) -> dt.date:
        """Return the working day ``back`` working days before the last one (0) before today."""
        day = self.today - dt.timedelta(days=1)
        weeks, rest = divmod(back, 5)
        while day.weekday() >= SATURDAY:
            day -= dt.timedelta(days=1)
        day -= dt.timedelta(weeks=weeks)
        for _ in range(rest):
            day -= dt.timedelta(days=3 if day.weekday() == 0 else 1)
        return day

    def at(self, back: int, clock: str, site: str = "LUB") -> dt.datetime:
        """Return the instant when a site's clock shows ``clock`` (``HH:MM``) on that day."""
        hour, minute = map(int, clock.split(":"))
        zone = zoneinfo.ZoneInfo(ZONES[site])
        local = dt.datetime.combine(self.day(back), dt.time(hour, minute), zone)
        return local.astimezone(dt.UTC)

    def ahead(self, days: int) -> dt.date:
        """Return the date ``days`` calendar days after today (before, when negative)."""
        return self.today + dt.timedelta(days=days)
