"""Keeping events, and joining them to lots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from erp.accounts.models import Site
from erp.accounts.queries import actor_for
from erp.core import clock
from erp.core.bulk import copy_rows, copy_values
from erp.core.context import Context
from traceability.epcis.identifiers import comparable
from traceability.epcis.linking import Resolved, happening, missing, new_lots, resolve
from traceability.epcis.models import (
    CaptureJob,
    EpcisEvent,
    EpcisLink,
    EpcisReference,
    EpcisThing,
)
from traceability.epcis.reading import Parsed, understood
from traceability.models import TraceEvent
from traceability.steps import Happening, create_lots, note_site, record_all
from traceability.trace.void import DID_NOT_OCCUR


def keep(
    ctx: Context, events: Sequence[Parsed], *, site: Site, job: CaptureJob | None
) -> list[EpcisEvent]:
    """Write new events with what makes them findable: three statements, whatever their number."""
    now = clock.now()
    for parsed in events:
        parsed.row.site_id = site.pk
        parsed.row.job_id = job.pk if job else None
        parsed.row.record_time = now
    rows = copy_rows(EpcisEvent, (p.row for p in events))
    things = (
        (p.row.pk, t.role, t.is_class, t.tracked, comparable(t.uri), t.quantity, t.uom)
        for p in events
        for t in p.things
    )
    copy_values(
        EpcisThing, ("event_id", "role", "is_class", "tracked", "uri", "quantity", "uom"), things
    )
    references = ((p.row.pk, r.kind, r.type, r.uri) for p in events for r in p.references)
    copy_values(EpcisReference, ("event_id", "kind", "type", "uri"), references)
    return rows


def link(ctx: Context, events: Sequence[Parsed], job: CaptureJob) -> int:
    """Join kept events of a partner to lots where all of these are known; return how many were.

    Transformations told in parts wait for one another; declarations of error make what they
    declare void.
    """
    actor = actor_for(job.captured_by)
    whole = _with_other_parts([p for p in events if not p.row.declares_error])
    known = resolve(whole, actor, job)
    ready = [p for p in whole if any(t.tracked for t in p.things) and not missing(p, known)]
    known = _record_lots(ctx, ready, known, job)
    groups = _groups(ready)
    made = record_all(ctx, [_together(g, known, job) for g in groups]) if groups else []
    links = ((p.row.pk, e.pk) for group, e in zip(groups, made, strict=True) for p in group)
    copy_values(EpcisLink, ("event_id", "trace_event_id"), links)
    _declare_void(ctx, events, job)
    return sum(len(g) for g in groups)


def _record_lots(
    ctx: Context, events: Sequence[Parsed], known: Resolved, job: CaptureJob
) -> Resolved:
    lots, units = new_lots(events, known, job.site, job.partner_id)
    found = dict(known.lots)
    if lots:
        found.update({(lot.item_id, lot.number): lot for lot in create_lots(ctx, lots)})
    for unit, batch in units:
        unit.batch = found.get(batch) if batch[1] else None
    if units:
        made = create_lots(ctx, [unit for unit, _batch in units])
        found.update({(unit.item_id, unit.number): unit for unit in made})
    note_site(found.values(), job.site)
    return replace(known, lots=found)


def _with_other_parts(events: list[Parsed]) -> list[Parsed]:
    """Add the parts, captured earlier and not linked yet, of transformations told in parts."""
    asked = {p.row.transformation_id for p in events if p.row.transformation_id}
    if not asked:
        return events
    have = {p.row.pk for p in events}
    rows = (
        EpcisEvent.objects.filter(transformation_id__in=asked, declares_error=False)
        .filter(link__isnull=True, job__isnull=False)
        .exclude(pk__in=have)
    )
    return [*reread(rows), *events]


def reread(rows: Iterable[EpcisEvent]) -> list[Parsed]:
    """Return kept events as they were read when they came, around their kept rows."""
    found = []
    for row in rows:
        parsed = understood(row.document, row.context)
        parsed.row = row
        found.append(parsed)
    return found


def _groups(events: Sequence[Parsed]) -> list[list[Parsed]]:
    """Return events one by one; those of one transformation together, once both sides are there."""
    single: list[list[Parsed]] = []
    parts: dict[str, list[Parsed]] = defaultdict(list)
    for parsed in events:
        if parsed.row.transformation_id:
            parts[parsed.row.transformation_id].append(parsed)
        else:
            single.append([parsed])
    whole = [
        g for g in parts.values() if {"input", "output"} <= {t.role for p in g for t in p.things}
    ]
    return single + whole


def _together(group: Sequence[Parsed], known: Resolved, job: CaptureJob) -> Happening:
    """Return one happening of the parts of a transformation; it ended with its last part."""
    parts = [happening(p, known, job) for p in group]
    last = parts[-1]
    if len(parts) == 1:
        return last
    inputs = _sum(part.inputs for part in parts)
    outputs = _sum(part.outputs for part in parts)
    subjects = {pk: q for part in parts for pk, q in part.subjects.items() if pk not in outputs}
    return replace(last, inputs=inputs, outputs=outputs, subjects=subjects)


def _sum(flows: Iterable[Mapping[int, Decimal]]) -> dict[int, Decimal]:
    total: dict[int, Decimal] = defaultdict(Decimal)
    for flow in flows:
        for pk, quantity in flow.items():
            total[pk] += quantity
    return dict(total)


def _declare_void(ctx: Context, events: Sequence[Parsed], job: CaptureJob) -> None:
    """Make void what a declaration among these names, or an earlier one of these.

    EPCIS 2.0, 7.4.1.3: the declaration repeats the event with its id. Whatever its reason, the
    event as recorded is not to be relied on; what is right comes as an event of its own.
    """
    ids = {p.row.event_id for p in events}
    declared = EpcisEvent.objects.filter(event_id__in=ids, declares_error=True)
    declarations = {row.event_id: row for row in declared}
    if not declarations:
        return
    links = EpcisLink.objects.filter(
        event__event_id__in=declarations, event__declares_error=False, event__job__isnull=False
    ).select_related("trace_event", "event")
    voided = set(
        TraceEvent.objects.filter(corrects__in=[x.trace_event_id for x in links]).values_list(
            "corrects_id", flat=True
        )
    )
    standing = [x for x in links if x.trace_event_id not in voided]
    void = [_void_event(x, declarations[x.event.event_id], job) for x in standing]
    made = record_all(ctx, void) if void else []
    EpcisLink.objects.bulk_create(
        [
            EpcisLink(event=declarations[x.event.event_id], trace_event=event)
            for x, event in zip(standing, made, strict=True)
        ]
    )


def _void_event(link: EpcisLink, declaration: EpcisEvent, job: CaptureJob) -> Happening:
    event = link.trace_event
    return Happening(
        kind=event.kind,
        biz_step=event.biz_step,
        site_id=event.site_id,
        action=event.action,
        disposition=DID_NOT_OCCUR,
        at=declaration.error_time,
        corrects_id=event.pk,
        note=f"{job.number}: {declaration.error_reason}",
        performed_by_id=job.captured_by_id,
    )
