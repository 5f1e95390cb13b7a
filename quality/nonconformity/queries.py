"""Reads of deviations: which stand against a lot, which lots an instrument touched."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator

from django.db.models import Q, QuerySet

from equipment.models import InstrumentUse
from erp.inventory.queries import family
from erp.production.models import WorkOrder
from quality.nonconformity.models import Deviation, DeviationLot
from quality.nonconformity.states import DeviationState
from traceability.models import EventInput, EventOutput, EventSubject, Lot, TraceEvent
from traceability.origins import within

Against = dict[int, list[Deviation]]


def open_against(lot_ids: Collection[int]) -> Against:
    """Return the open deviations that stand against each of these lots.

    They may concern the lot itself, the lot it belongs to, a unit in it, or a lot that went
    directly into it. A part that was set aside stands against nothing else. The same number of
    queries whatever the number of lots.
    """
    links = DeviationLot.objects.filter(quantity__isnull=True)
    links = links.exclude(deviation__state=DeviationState.CLOSED).select_related("deviation")
    concerned: dict[int, list[Deviation]] = defaultdict(list)
    for link in links.order_by("pk"):
        concerned[link.lot_id].append(link.deviation)
    found: Against = {}
    if concerned:
        for asked, other in _relatives(lot_ids, concerned):
            standing = found.setdefault(asked, [])
            standing += [d for d in concerned[other] if d not in standing]
    return found


def _relatives(asked: Collection[int], concerned: Collection[int]) -> Iterator[tuple[int, int]]:
    """Pair each asked lot with the concerned ones: itself, its lot, its units, its inputs."""
    yield from ((pk, pk) for pk in asked if pk in concerned)
    lots = Lot.objects.filter(batch__isnull=False)
    kin = Q(pk__in=asked, batch__in=concerned) | Q(batch__in=asked, pk__in=concerned)
    for unit, batch in lots.filter(kin).values_list("pk", "batch_id"):
        yield (unit, batch) if unit in asked and batch in concerned else (batch, unit)
    fed = EventInput.objects.filter(Q(lot__in=concerned) | Q(lot__batch__in=concerned)).filter(
        event__outputs__lot__in=family(*asked)
    )
    columns = ("lot_id", "lot__batch_id", "event__outputs__lot_id", "event__outputs__lot__batch_id")
    for source, source_batch, made, made_batch in fed.values_list(*columns).distinct():
        for target in {made, made_batch} & set(asked):
            yield from ((target, pk) for pk in (source, source_batch) if pk in concerned)


def measured_with(
    instrument_id: int, since: dt.datetime | None, until: dt.datetime | None
) -> QuerySet[Lot]:
    """Return the lots that events using this instrument looked at or made, in a period."""
    used = InstrumentUse.objects.filter(instrument=instrument_id)
    events = within(TraceEvent.objects.filter(pk__in=used.values("event")), since, until)
    looked_at = EventSubject.objects.filter(event__in=events).values("lot")
    made = EventOutput.objects.filter(event__in=events).values("lot")
    return Lot.objects.filter(Q(pk__in=looked_at) | Q(pk__in=made)).order_by("pk")


def made_here(lot_ids: Collection[int]) -> frozenset[int]:
    """Return those of these lots that a work order of ours made, as a lot or as a unit in one."""
    orders = WorkOrder.objects.filter(batch__isnull=False).values("batch")
    made = Lot.objects.filter(Q(pk__in=orders) | Q(batch__in=orders), pk__in=lot_ids)
    return frozenset(made.values_list("pk", flat=True))


def under_another(deviation: Deviation, lot_ids: Collection[int]) -> frozenset[int]:
    """Return those of these lots that another open deviation concerns by name."""
    others = DeviationLot.objects.filter(lot__in=lot_ids).exclude(deviation=deviation)
    standing = others.exclude(deviation__state=DeviationState.CLOSED)
    return frozenset(standing.values_list("lot_id", flat=True))


def about_lot(lot: Lot) -> QuerySet[Deviation]:
    """Return the deviations that name a lot or the lot it belongs to, newest first."""
    ids = [lot.pk, lot.batch_id] if lot.batch_id else [lot.pk]
    links = DeviationLot.objects.filter(lot__in=ids)
    return Deviation.objects.filter(pk__in=links.values("deviation")).order_by(
        "-detected_at", "-pk"
    )
