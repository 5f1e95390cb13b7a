"""The events of an answer along time: by month, by day, or one by one, never cut in silence."""

# Statements are put together from constants; every value is a parameter.
# ruff: noqa: S608

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from erp.core.errors import Text
from traceability.event_lots import lots_named_by
from traceability.trace.query import Trace
from traceability.words import step_words

SINGLE = 40
"""Up to so many events are shown one by one at once."""
PAGE = 100
DAYS = 62
"""A longer span is shown by month first."""

_PERIOD = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_FORMS = {"month": "YYYY-MM", "day": "YYYY-MM-DD"}

_OF = "FROM traceability_traceevent e WHERE e.id = ANY(%(events)s::bigint[])"
_IN = " AND e.event_time >= %(first)s AND e.event_time < %(last)s"
_SPAN = f"SELECT count(*), min(e.event_time), max(e.event_time) {_OF}"
_SUMS = f"""
    SELECT to_char(e.event_time AT TIME ZONE %(zone)s, %(form)s) AS period, e.biz_step, count(*)
    {_OF}{{within}} GROUP BY period, e.biz_step ORDER BY period, count(*) DESC, e.biz_step"""
_SINGLE = f"""
    SELECT e.id, e.event_time, e.biz_step, e.disposition, e.note, e.precision,
           coalesce(p.code, ''), s.code, u.name, u.username,
           (SELECT count(*) FROM traceability_eventinput i WHERE i.event_id = e.id),
           (SELECT count(*) FROM traceability_eventoutput o WHERE o.event_id = e.id)
    FROM (SELECT e.* {_OF}{{within}} ORDER BY e.event_time, e.id LIMIT %(limit)s) e
    JOIN accounts_site s ON s.id = e.site_id JOIN accounts_user u ON u.id = e.performed_by_id
    LEFT JOIN masterdata_location p ON p.id = e.location_id
    ORDER BY e.event_time, e.id"""


@dataclass(frozen=True)
class Period:
    """A month or a day with its events, counted by step; ``share`` is of the fullest, in 100."""

    name: str
    count: int
    steps: Sequence[tuple[Text, int]]
    share: int


@dataclass(frozen=True)
class Happened:
    """One event of the answer."""

    event_id: int
    at: dt.datetime
    step: Text
    lots: str
    note: str
    precision: str
    place: str
    who: str
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Timeline:
    """Either the periods of the span looked at, or its single events; and how many there are."""

    within: str
    count: int
    total: int
    periods: Sequence[Period]
    events: Sequence[Happened]


def timeline(trace: Trace, within: str = "") -> Timeline:
    """Return the events of an answer in a period ("2026-08", "2026-08-14"), or in all of its time.

    Anything that is no period is taken as all of its time.
    """
    span = _span(within)
    within = within if span else ""
    total, first, last = trace.rows(_SPAN, **_values(trace))[0]
    values = {**_values(trace), **_ends(span), "limit": PAGE}
    test = _IN if span else ""
    sums = trace.rows(_SUMS.format(within=test), **values, form=_form(span, first, last))
    count = sum(n for _period, _step, n in sums)
    if count <= SINGLE or len(within) == len("2026-08-14"):
        rows = trace.rows(_SINGLE.format(within=test), **values)
        lots = lots_named_by([row[0] for row in rows])
        return Timeline(within, count, total, (), [_happened(row, lots) for row in rows])
    return Timeline(within, count, total, _periods(sums), ())


def _values(trace: Trace) -> dict[str, Any]:
    return {"events": trace.event_ids.literal, "zone": timezone.get_current_timezone_name()}


def _form(span: tuple[dt.datetime, dt.datetime] | None, first: Any, last: Any) -> str:
    """Return by what to count: by day where the span is short, else by month."""
    long = first is not None and (last - first).days > DAYS
    return _FORMS["month" if long and not span else "day"]


def _span(within: str) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the first moment of a period and the first after it."""
    found = _PERIOD.fullmatch(within)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = dt.datetime(year or 1, month or 1, day or 1)  # noqa: DTZ001 - made aware below
        last = first + dt.timedelta(days=1 if day else 32)
    except (ValueError, OverflowError):
        return None
    last = last if day else last.replace(day=1)
    return timezone.make_aware(first), timezone.make_aware(last)


def _ends(span: tuple[dt.datetime, dt.datetime] | None) -> dict[str, Any]:
    return {"first": span[0], "last": span[1]} if span else {}


def _periods(sums: Sequence[tuple[Any, ...]]) -> list[Period]:
    steps: dict[str, list[tuple[Text, int]]] = {}
    for period, step, count in sums:
        steps.setdefault(period, []).append((step_words(step), count))
    sizes = {period: sum(n for _step, n in counted) for period, counted in steps.items()}
    fullest = max(sizes.values(), default=1)
    return [
        Period(period, sizes[period], counted, max(1, sizes[period] * 100 // fullest))
        for period, counted in steps.items()
    ]


def _happened(row: tuple[Any, ...], lots: Mapping[int, str]) -> Happened:
    pk, at, step, outcome, note, precision, place, site, name, username, inputs, outputs = row
    return Happened(
        event_id=pk,
        at=at,
        step=step_words(step, outcome),
        lots=lots.get(pk, ""),
        note=note,
        precision=precision,
        place=place or site,
        who=name or username,
        inputs=inputs,
        outputs=outputs,
    )
