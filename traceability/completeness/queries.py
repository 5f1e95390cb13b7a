"""Reads of the evidence check: which lots, which score, who recorded what."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from erp.accounts.models import User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from traceability.completeness.models import CheckRun, CheckScore, Finding
from traceability.completeness.registry import TOUCHED
from traceability.completeness.states import FindingState
from traceability.ids import IdSet
from traceability.models import EventInput, EventOutput, Lot, TraceEvent
from traceability.trace.void import not_void

CHUNK = 20_000
OVERLAP = dt.timedelta(hours=1)
"""How far an incremental check looks back before the last one: a row is stamped before it is
committed, and then was not there for the last check.
"""
FULL_EVERY = dt.timedelta(days=7)
TREND = 30


def all_lots() -> Iterator[IdSet]:
    """Yield every lot and unit, some thousands at a time: memory does not grow with the plant."""
    after = 0
    while chunk := list(
        Lot.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK]
    ):
        after = chunk[-1]
        yield IdSet(chunk)


def lots_touched_since(moment: dt.datetime) -> Iterator[IdSet]:
    """Yield the lots whose facts changed, those under open findings, and their units and lots."""
    since = moment - OVERLAP
    ids = {pk for lots in TOUCHED.values() for pk in lots(since)}
    ids.update(Finding.objects.open().values_list("lot_id", flat=True))
    whole = sorted(with_family(IdSet(ids)))
    for start in range(0, len(whole), CHUNK):
        yield IdSet(whole[start : start + CHUNK])


def with_family(lots: Collection[int]) -> set[int]:
    """Return these lots with their units and the lots their units belong to."""
    ids = lots if isinstance(lots, IdSet) else IdSet(lots)
    rows = Lot.objects.filter(Q(pk__in=ids) | Q(batch__in=ids)).values_list("pk", "batch_id")
    return {pk for pk, _batch in rows} | {batch for _pk, batch in rows if batch}


def lot_count() -> int:
    """Return how many lots and units there are."""
    return Lot.objects.count()


def last_done(*, full: bool = False) -> CheckRun | None:
    """Return the last run that came to its end, with ``full`` the last over all lots."""
    runs = CheckRun.objects.done().order_by("-requested_at", "-pk")
    return (runs.filter(full=True) if full else runs).first()


def full_is_due(now: dt.datetime) -> bool:
    """Tell whether the next nightly check looks at everything: at least once a week."""
    last = last_done(full=True)
    return last is None or now - last.requested_at >= FULL_EVERY


SCORES = """
    SELECT l.site_id, l.item_id, count(*), count(*) FILTER (WHERE f.open),
           count(*) FILTER (WHERE f.explained AND NOT f.open)
    FROM traceability_lot l LEFT JOIN (
        SELECT lot_id, bool_or(state = 'open') AS open, bool_or(state = 'explained') AS explained
        FROM traceability_finding WHERE state IN ('open', 'explained') GROUP BY lot_id) f
      ON f.lot_id = l.id
    GROUP BY l.site_id, l.item_id"""


def scores_now(run: CheckRun) -> list[CheckScore]:
    """Return the score by site and item as it is now, not yet written."""
    with connection.cursor() as cursor:
        cursor.execute(SCORES)
        return [
            CheckScore(
                run=run, site_id=site, item_id=item, lots=lots, broken=broken, explained=explained
            )
            for site, item, lots, broken, explained in cursor.fetchall()
        ]


def counts_of(rows: QuerySet[Finding]) -> Counter[tuple[str, int]]:
    """Return how many findings there are by check and site."""
    grouped = rows.order_by().values_list("check_code", "site_id").annotate(n=Count("pk"))
    return Counter({(code, site): n for code, site, n in grouped})


@dataclass(frozen=True)
class Score:
    """How much of the evidence is unbroken: lots without an open finding among all lots."""

    lots: int
    broken: int
    explained: int

    @property
    def percent(self) -> float:
        """Return the score in percent, rounded down: 100 is only reached when nothing is open."""
        return int(1000 * (self.lots - self.broken) / self.lots) / 10 if self.lots else 100.0


def score_of(rows: QuerySet[CheckScore]) -> Score:
    """Return the score of these rows together."""
    total: dict[str, Any] = rows.aggregate(
        lots=Sum("lots"), broken=Sum("broken"), explained=Sum("explained")
    )
    return Score(*(total[name] or 0 for name in ("lots", "broken", "explained")))


def scores_seen(actor: Actor, run: CheckRun) -> QuerySet[CheckScore]:
    """Return the scores of a run at sites the actor may see."""
    return CheckScore.objects.filter(site_filter(actor), run=run)


def trend(actor: Actor) -> Sequence[tuple[CheckRun, Score]]:
    """Return the last runs with the score of what the actor may see, oldest first; two queries."""
    runs = list(CheckRun.objects.done().order_by("-requested_at", "-pk")[:TREND])
    rows = CheckScore.objects.filter(site_filter(actor), run__in=runs).order_by().values("run_id")
    sums = rows.annotate(a=Sum("lots"), b=Sum("broken"), c=Sum("explained"))
    by_run = {row["run_id"]: Score(row["a"], row["b"], row["c"]) for row in sums}
    return [(run, by_run[run.pk]) for run in reversed(runs) if run.pk in by_run]


def open_on(lot: Lot) -> QuerySet[Finding]:
    """Return the open findings on a lot and on the units in it."""
    family = Finding.objects.filter(Q(lot=lot) | Q(lot__batch=lot))
    return family.open().select_related("lot", "owner").order_by("pk")


def recorders_of(finding: Finding) -> list[User]:
    """Return who recorded what the finding is about, and therefore may not judge it.

    That is who did the event concerned; else who made the lot; else who used it.
    """
    if finding.event_id is not None:
        events: Any = [finding.event_id]
    else:
        events = EventOutput.objects.filter(lot=finding.lot_id).values("event")
        if not events.exists():
            events = EventInput.objects.filter(lot=finding.lot_id).values("event")
    people = TraceEvent.objects.filter(pk__in=events, repair__isnull=True).values("performed_by")
    return list(User.objects.filter(pk__in=people).order_by("pk"))


def first_use(lot_id: int) -> dt.datetime | None:
    """Return when a lot first went into something."""
    events = TraceEvent.objects.filter(inputs__lot=lot_id)
    return not_void(events).order_by("event_time").values_list("event_time", flat=True).first()


def first_making(lot: Lot) -> TraceEvent | None:
    """Return the first event that made a lot, or the lot that a unit belongs to."""
    made = Q(outputs__lot=lot.pk)
    if lot.batch_id:
        made |= Q(outputs__lot=lot.batch_id)
    return not_void(TraceEvent.objects.filter(made)).order_by("event_time", "pk").first()


def still_open(findings: Collection[int]) -> set[int]:
    """Return those of these findings that are open."""
    rows = Finding.objects.filter(pk__in=findings, state=FindingState.OPEN)
    return set(rows.values_list("pk", flat=True))
