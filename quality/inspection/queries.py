"""Reads of plans, inspections and results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, islice
from typing import Any

from django.db.models import Max, QuerySet, Sum

from erp.core.quantities import ZERO
from erp.inventory.models import Balance, StockStatus
from quality.inspection.models import (
    Characteristic,
    Inspection,
    InspectionPlan,
    InspectionResult,
)
from traceability.models import Lot


def lot_id_of(inspection_id: int) -> int:
    """Return the lot of an inspection; it never changes."""
    return Inspection.objects.values_list("lot_id", flat=True).get(pk=inspection_id)


def effective_plans(item_ids: Collection[int], stage: str) -> dict[int, InspectionPlan]:
    """Return the plan in force of each item at a stage."""
    plans = InspectionPlan.objects.effective().filter(item_id__in=item_ids, stage=stage)
    return {plan.item_id: plan for plan in plans}


def next_revision(item_id: int, stage: str) -> int:
    """Return the number of the next revision of an item's plan."""
    rows = InspectionPlan.objects.filter(item_id=item_id, stage=stage)
    last = rows.aggregate(last=Max("revision"))["last"] or 0
    return int(last) + 1


def in_quarantine(lots: Iterable[Lot]) -> dict[int, Decimal]:
    """Return what lies in quarantine of each lot, its units counted with it."""
    wanted = [lot.pk for lot in lots]
    own = Balance.objects.filter(lot_id__in=wanted, status=StockStatus.QUARANTINE)
    of_units = Balance.objects.filter(lot__batch_id__in=wanted, status=StockStatus.QUARANTINE)
    found: dict[int, Decimal] = {}
    for rows, key in ((own, "lot_id"), (of_units, "lot__batch_id")):
        for row in rows.values(key).annotate(total=Sum("quantity")):
            found[row[key]] = found.get(row[key], ZERO) + row["total"]
    return found


def about_lot(lot: Lot) -> QuerySet[Inspection]:
    """Return the inspections of a lot, of the lot a unit belongs to, newest first."""
    ids = [lot.pk, lot.batch_id] if lot.batch_id else [lot.pk]
    rows = Inspection.objects.filter(lot_id__in=ids)
    return rows.select_related("lot__item", "plan", "inspector").order_by("-opened_at", "-pk")


def samples_of(inspection: Inspection) -> int:
    """Return of how many samples there are results."""
    rows = InspectionResult.objects.filter(inspection=inspection)
    return rows.order_by().values("sample").distinct().count()


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A characteristic that an inspection still has too few results for."""

    inspection_id: int
    characteristic: Characteristic
    needed: int
    done: int


def unfinished(inspection_ids: Collection[int]) -> list[Unfinished]:
    """Return what is still to be inspected, in the order of the plans."""
    rows: Any = Characteristic.objects.filter(plan__inspections__in=inspection_ids).unfinished()
    ordered = rows.order_by("inspection", "position")
    return [Unfinished(row.inspection, row, row.needed, row.done) for row in ordered]


def samples_left(inspection: Inspection) -> Iterator[tuple[int, int]]:
    """Yield characteristic and number of each sample that is still without a result."""
    taken: dict[int, set[int]] = defaultdict(set)
    for characteristic_id, sample in inspection.results.values_list("characteristic", "sample"):
        taken[characteristic_id].add(sample)
    for left in unfinished([inspection.pk]):
        pk = left.characteristic.pk
        free = (n for n in count(1) if n not in taken[pk])
        yield from ((pk, sample) for sample in islice(free, left.needed - left.done))


def results_of(inspection: Inspection) -> QuerySet[InspectionResult]:
    """Return all results of an inspection in the order of its plan, replaced ones included."""
    rows = InspectionResult.objects.filter(inspection=inspection)
    return rows.select_related("characteristic", "instrument", "measured_by", "retest").order_by(
        "characteristic__position", "sample", "pk"
    )
