"""Writes of the evidence check: findings opened and closed, runs ended, repairs recorded."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from erp.core import clock, numbering
from erp.core.context import Context
from erp.core.errors import Busy
from traceability.completeness import progress, queries
from traceability.completeness.models import CheckCount, CheckRun, Finding, Repair
from traceability.completeness.registry import EvidenceCheck, Found, ordered_checks
from traceability.completeness.states import CHECK_RUN, FINDING, FindingState, RunState
from traceability.ids import IdSet
from traceability.models import Lot, TraceEvent

CHUNK = 5000
Key = tuple[int, int | None]
"""A finding among those of one check: lot and event."""


@dataclass
class Changes:
    """What a check changed, counted by check and site."""

    opened: Counter[tuple[str, int]] = field(default_factory=Counter)
    closed: Counter[tuple[str, int]] = field(default_factory=Counter)
    lots: int = 0
    mending: int = 0
    """The finding that a repair recorded just now is for: it does not close by itself."""


@dataclass(frozen=True)
class Known:
    """What was known of some lots by one check before: open findings, and explained facts."""

    open: dict[Key, Finding] = field(default_factory=dict)
    explained: dict[Key, list[Mapping[str, Any]]] = field(default_factory=dict)


def run_all(ctx: Context, run: CheckRun) -> CheckRun:
    """Carry out a locked run and write its counts and scores."""
    began = time.monotonic()
    changes = Changes()
    for lots, total in _scope(run):
        check_lots(ctx, lots, changes, run)
        progress.report(run.pk, changes.lots, total)
    _count(run, changes)
    run.scores.bulk_create(queries.scores_now(run), batch_size=CHUNK)
    run.lots = changes.lots
    run.milliseconds = int(1000 * (time.monotonic() - began))
    end_run(ctx, run, "finish")
    return run


def _scope(run: CheckRun) -> Iterator[tuple[IdSet, int]]:
    last = None if run.full else queries.last_done()
    total = queries.lot_count()
    chunks = queries.all_lots() if last is None else queries.lots_touched_since(last.requested_at)
    yield from ((lots, total) for lots in chunks)


def end_run(ctx: Context, run: CheckRun, verb: str, error: str = "") -> None:
    """Take a locked run to its end."""
    run.state = CHECK_RUN.next(RunState(run.state), verb)
    run.finished_at = ctx.at or clock.now()
    run.error = error
    run.save(update_fields=["state", "finished_at", "error", "lots", "milliseconds"])


def _count(run: CheckRun, changes: Changes) -> None:
    present = queries.counts_of(Finding.objects.open())
    keys = {*present, *changes.opened, *changes.closed}
    CheckCount.objects.bulk_create(
        [
            CheckCount(
                run=run,
                check_code=code,
                site_id=site,
                open=present[code, site],
                opened=changes.opened[code, site],
                closed=changes.closed[code, site],
            )
            for code, site in sorted(keys)
        ],
        batch_size=CHUNK,
    )


def check_lots(ctx: Context, lots: IdSet, changes: Changes, run: CheckRun | None = None) -> None:
    """Ask every check about these lots: open what is new, close what is right again.

    What is still wrong stays the same finding. What was explained stays explained as long as its
    facts are the ones that were explained.
    """
    changes.lots += len(lots)
    known = _known(lots)
    fresh: list[Finding] = []
    gone: list[Finding] = []
    for check in ordered_checks():
        found = _by_key(check.find(lots))
        before = known[check.code]
        fresh += [_finding(check, f, run) for k, f in found.items() if _is_new(k, f, before)]
        gone += [finding for key, finding in before.open.items() if key not in found]
        _renew_facts(before.open, found)
    _open(ctx, fresh, changes)
    _close(ctx, gone, changes)


def _known(lots: IdSet) -> dict[str, Known]:
    states = [FindingState.OPEN, FindingState.EXPLAINED]
    known: dict[str, Known] = defaultdict(Known)
    for finding in Finding.objects.filter(lot__in=lots, state__in=states).iterator():
        key = (finding.lot_id, finding.event_id)
        before = known[finding.check_code]
        if finding.state == FindingState.OPEN:
            before.open[key] = finding
        else:
            before.explained.setdefault(key, []).append(finding.facts)
    return known


def _by_key(found: Iterable[Found]) -> dict[Key, Found]:
    by_key: dict[Key, Found] = {}
    for one in found:
        by_key.setdefault((one.lot_id, one.event_id), one)
    return by_key


def _is_new(key: Key, found: Found, before: Known) -> bool:
    return key not in before.open and dict(found.facts) not in before.explained.get(key, [])


def _finding(check: EvidenceCheck, found: Found, run: CheckRun | None) -> Finding:
    return Finding(
        check_code=check.code,
        lot_id=found.lot_id,
        event_id=found.event_id,
        facts=dict(found.facts),
        opened_by_run=run,
    )


def _renew_facts(open_now: Mapping[Key, Finding], found: Mapping[Key, Found]) -> None:
    """Keep the facts of open findings true: a gap may have grown."""
    changed = []
    for key, finding in open_now.items():
        if key in found and finding.facts != found[key].facts:
            finding.facts = dict(found[key].facts)
            changed.append(finding)
    Finding.objects.bulk_update(changed, ["facts"], batch_size=CHUNK)


def _open(ctx: Context, fresh: list[Finding], changes: Changes) -> None:
    if not fresh:
        return
    lots = IdSet({f.lot_id for f in fresh})
    sites = dict(Lot.objects.filter(pk__in=lots).values_list("pk", "site_id"))
    now = ctx.at or clock.now()
    for finding, number in zip(fresh, numbering.take("EF", len(fresh)), strict=True):
        finding.number, finding.site_id, finding.opened_at = number, sites[finding.lot_id], now
        changes.opened[finding.check_code, finding.site_id] += 1
    try:
        with transaction.atomic():
            Finding.objects.bulk_create(fresh, batch_size=CHUNK)
    except IntegrityError as error:
        # Another check opened the same finding a moment ago.
        raise Busy from error


def _close(ctx: Context, gone: list[Finding], changes: Changes) -> None:
    for verb in ("close", "repair"):
        ended = [f for f in gone if (f.pk == changes.mending) is (verb == "repair")]
        rows = Finding.objects.open().filter(pk__in=IdSet(f.pk for f in ended))
        if ended:
            state = FINDING.next(FindingState.OPEN, verb)
            rows.update(state=state, closed_at=ctx.at or clock.now())
    changes.closed.update((f.check_code, f.site_id) for f in gone)


def record_repair(
    ctx: Context, finding: Finding, kind: Repair.Kind, event: TraceEvent, source: str
) -> Repair:
    """Say that an event mends a finding, and where it is known from."""
    return Repair.objects.create(finding=finding, kind=kind, event=event, source=source)


def look_again(ctx: Context, finding: Finding, lot_ids: Collection[int]) -> None:
    """Check the lots anew after a repair; the finding is repaired when its check is content."""
    lots = IdSet(sorted(queries.with_family(lot_ids)))
    check_lots(ctx, lots, Changes(mending=finding.pk))


def explain(ctx: Context, finding: Finding, at: dt.datetime) -> None:
    """Close a locked finding by its explanation."""
    finding.state = FINDING.next(FindingState(finding.state), "explain")
    finding.explanation = ctx.reason
    finding.closed_at = at
    finding.save(update_fields=["state", "explanation", "closed_at"])


def assign(finding: Finding, owner_id: int) -> None:
    """Give a locked finding to a person."""
    finding.state = FINDING.next(FindingState(finding.state), "assign")
    finding.owner_id = owner_id
    finding.save(update_fields=["state", "owner"])
