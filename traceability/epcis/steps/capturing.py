"""Carrying out a capture: check, tell new events from known ones, keep, link, tell subscribers.

A thousand events at a time, so that memory does not grow with the document.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from audit import attachments
from erp.accounts.queries import actor_for
from erp.core import clock
from erp.core.context import Context
from erp.core.errors import DomainError, FieldFault
from traceability.epcis import document
from traceability.epcis.contexts import Context as LdContext
from traceability.epcis.errors import EventExists, EventIsOurs, NotAnEvent
from traceability.epcis.models import CaptureJob, EpcisEvent
from traceability.epcis.reading import FaultyEvent, Parsed, parse
from traceability.epcis.states import CAPTURE, CaptureState
from traceability.epcis.steps import telling, writing

BLOCK = 1000
ERRORS_KEPT = 1000


@dataclass
class Outcome:
    """What became of the events of a document."""

    captured: int = 0
    repeated: int = 0
    faulty: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[tuple[str, bool], str] = field(default_factory=dict)

    def fail(self, index: int, refusal: DomainError, event: Any) -> None:
        """Note why an event is not captured; of very many only the first are kept in full."""
        self.faulty += 1
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(problem_of(refusal, index, event))


def problem_of(refusal: DomainError, index: int, event: Any) -> dict[str, Any]:
    """Return an error of one event in the form of a problem document (RFC 9457)."""
    named = event.get("eventID") if isinstance(event, dict) else None
    return {
        "type": f"epcisException:{getattr(refusal, 'exception', 'ValidationException')}",
        "title": str(refusal.detail),
        "status": refusal.status,
        "code": refusal.code,
        "detail": str(refusal),
        "index": index,
        "eventID": named if isinstance(named, str) else None,
        "faults": [{"path": f.name, "reason": f.reason} for f in refusal.faults],
    }


def capture(ctx: Context, job: CaptureJob) -> CaptureJob:
    """Carry out a locked capture.

    With ``rollback`` one bad event leaves nothing of the others; the rest is still checked, so that
    the sender learns of all errors at once.
    """
    read = document.read(attachments.require(job.sha256).read_bytes())
    outcome = Outcome()
    strict = job.behaviour == CaptureJob.Behaviour.ROLLBACK
    before = transaction.savepoint()
    recorded = array("q")
    for index, events in _blocks(read.events()):
        parsed = list(_parsed(events, index, read.context, outcome))
        fresh = _fresh(parsed, job, outcome)
        if strict and outcome.faulty:
            continue
        outcome.captured += _write(ctx, fresh, job, recorded)
    if strict and outcome.faulty:
        transaction.savepoint_rollback(before)
        outcome.captured = 0
    elif recorded:
        telling.find_matches(ctx, recorded)
    return _finish(job, outcome)


def capture_one(ctx: Context, event: dict[str, Any], job: CaptureJob) -> EpcisEvent:
    """Keep one event at once, or refuse it by name; ``job`` is its own capture."""
    outcome = Outcome()
    try:
        parsed = parse(event, [])
    except FaultyEvent as faulty:
        raise _not_an_event(faulty) from faulty
    refusal = next(iter(_conflicts([(0, event, parsed)], job, outcome)), None)
    if refusal is not None:
        raise refusal[2]
    if parsed.key in outcome.keys:
        raise EventExists(event=parsed.row.event_id)
    recorded = array("q")
    outcome.captured = _write(ctx, [parsed], job, recorded)
    telling.find_matches(ctx, recorded)
    _finish(job, outcome)
    return parsed.row


def _write(ctx: Context, events: Sequence[Parsed], job: CaptureJob, recorded: array[int]) -> int:
    """Keep and link new events; note their ids and return their number."""
    if events:
        rows = writing.keep(ctx, events, site=job.site, job=job)
        writing.link(ctx, events, job)
        recorded.extend(row.pk for row in rows)
    return len(events)


def _blocks(events: Iterator[Any]) -> Iterator[tuple[int, list[Any]]]:
    index = 0
    while block := list(islice(events, BLOCK)):
        yield index, block
        index += len(block)


def _parsed(
    events: Sequence[Any], start: int, context: LdContext, outcome: Outcome
) -> Iterator[tuple[int, Any, Parsed]]:
    for index, event in enumerate(events, start=start):
        try:
            yield index, event, parse(event, context)
        except FaultyEvent as faulty:
            outcome.fail(index, _not_an_event(faulty), event)


def _not_an_event(faulty: FaultyEvent) -> NotAnEvent:
    return NotAnEvent(faults=[FieldFault(f.path, f.reason) for f in faulty.faults])


def _fresh(
    parsed: Sequence[tuple[int, Any, Parsed]], job: CaptureJob, outcome: Outcome
) -> list[Parsed]:
    """Return the events that are new; note those that contradict what is recorded."""
    refused = set()
    for index, event, refusal in _conflicts(parsed, job, outcome):
        outcome.fail(index, refusal, event)
        refused.add(index)
    fresh: list[Parsed] = []
    for index, _event, each in parsed:
        if index in refused:
            continue
        if each.key in outcome.keys:
            outcome.repeated += 1
        else:
            outcome.keys[each.key] = each.row.event_hash
            fresh.append(each)
    return fresh


def _conflicts(
    parsed: Sequence[tuple[int, Any, Parsed]], job: CaptureJob, outcome: Outcome
) -> Iterator[tuple[int, Any, DomainError]]:
    """Yield events whose id stands for another event already; learn which ids are known."""
    ids = {p.row.event_id for _i, _e, p in parsed}
    known = {
        (row.event_id, row.declares_error): row
        for row in EpcisEvent.objects.filter(event_id__in=ids).defer("document", "context")
    }
    outcome.keys.update({key: row.event_hash for key, row in known.items()})
    actor = actor_for(job.captured_by)
    for index, event, each in parsed:
        said = outcome.keys.get(each.key)
        original = known.get((each.row.event_id, False))
        theirs = original is not None and (
            original.job_id is None
            or not actor.may("traceability.capture_document", original.site_id)
        )
        if said is not None and said != each.row.event_hash:
            yield index, event, EventExists(event=each.row.event_id)
        elif each.row.declares_error and theirs:
            yield index, event, EventIsOurs(event=each.row.event_id)


def _finish(job: CaptureJob, outcome: Outcome) -> CaptureJob:
    verb = "capture"
    if outcome.faulty:
        strict = job.behaviour == CaptureJob.Behaviour.ROLLBACK
        verb = (
            "reject" if strict or not (outcome.captured + outcome.repeated) else "capture in part"
        )
    job.state = CAPTURE.next(CaptureState(job.state), verb)
    job.captured = outcome.captured
    job.repeated = outcome.repeated
    job.faulty = outcome.faulty
    job.errors = outcome.errors
    job.finished_at = clock.now()
    job.save(update_fields=["state", "captured", "repeated", "faulty", "errors", "finished_at"])
    return job
