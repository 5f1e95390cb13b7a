"""Reads of production."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from erp.core import clock
from erp.core.actor import Actor
from erp.core.quantities import ZERO
from erp.inventory.models import Balance, HoldLine, StockStatus
from erp.inventory.queries import batch_by_lot
from erp.masterdata.models import Item, Location
from erp.production.errors import NoPlace
from erp.production.models import (
    ItemProcess,
    MaterialEntry,
    ProcessCycle,
    ProcessLoad,
    ProductionReport,
    WorkOrder,
    WorkOrderMaterial,
)
from traceability.models import Lot
from traceability.states import LotState

Kind = MaterialEntry.Kind
_SIGN = {Kind.ISSUED: 1, Kind.RETURNED: -1, Kind.CONSUMED: -1}


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """What an order needs of one component and what became of it, in the component's unit."""

    component: Item
    planned: Decimal
    per_unit: bool
    issued: Decimal
    returned: Decimal
    consumed: Decimal

    @property
    def remaining(self) -> Decimal:
        """Return what still lies at the line for this order."""
        return self.issued - self.returned - self.consumed


def place_of(site_id: int, kind: str) -> Location:
    """Return the site's first physical location of a kind, or raise ``NoPlace``."""
    places = Location.objects.filter(site_id=site_id, kind=kind, virtual=False)
    found = places.select_related("site").order_by("code").first()
    if found is None:
        raise NoPlace(site=site_id, kind=Location.Kind(kind).label)
    return found


def material_of(work_order: WorkOrder) -> list[MaterialLine]:
    """Return the material account of an order, one line per component."""
    sums: dict[tuple[int, str], Decimal] = {
        (row["lot__item_id"], row["kind"]): row["total"]
        for row in MaterialEntry.objects.standing()
        .filter(work_order=work_order)
        .values("lot__item_id", "kind")
        .annotate(total=Sum("quantity"))
    }
    needed = WorkOrderMaterial.objects.filter(work_order=work_order).select_related("component")
    return [
        MaterialLine(
            component=line.component,
            planned=line.quantity,
            per_unit=line.per_unit,
            issued=sums.get((line.component_id, Kind.ISSUED), ZERO),
            returned=sums.get((line.component_id, Kind.RETURNED), ZERO),
            consumed=sums.get((line.component_id, Kind.CONSUMED), ZERO),
        )
        for line in needed.order_by("component__code")
    ]


def remaining_by_lot(work_order_ids: Collection[int]) -> dict[tuple[int, int], Decimal]:
    """Return what still lies at the line, by (order id, lot id); settled lots are left out."""
    return _remaining(MaterialEntry.objects.standing().filter(work_order_id__in=work_order_ids))


def issued_at_line(lot_ids: Collection[int]) -> dict[int, Decimal]:
    """Return how much of each lot lies at a line as issued material of some order."""
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for (_order, lot_id), left in _remaining(
        MaterialEntry.objects.standing().filter(lot_id__in=lot_ids)
    ).items():
        found[lot_id] += left
    return dict(found)


def _remaining(entries: QuerySet[MaterialEntry]) -> dict[tuple[int, int], Decimal]:
    left: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    rows = entries.values_list("work_order_id", "lot_id", "kind").annotate(total=Sum("quantity"))
    for work_order_id, lot_id, kind, total in rows.order_by("work_order_id", "lot_id"):
        left[(work_order_id, lot_id)] += _SIGN[Kind(kind)] * total
    return {key: quantity for key, quantity in left.items() if quantity}


def output_of(work_order: WorkOrder) -> tuple[Decimal, Decimal]:
    """Return how much an order has made and scrapped."""
    sums = (
        ProductionReport.objects.standing()
        .filter(work_order=work_order)
        .aggregate(made=Sum("made"), scrapped=Sum("scrapped"))
    )
    return sums["made"] or ZERO, sums["scrapped"] or ZERO


def orders_without_report(work_order_ids: Collection[int]) -> QuerySet[WorkOrder]:
    """Return the orders on which nothing was reported, or only what was declared wrong since."""
    reported = ProductionReport.objects.standing().filter(work_order=OuterRef("pk"))
    return WorkOrder.objects.filter(~Exists(reported), pk__in=work_order_ids)


def orders_to_make_of(actor: Actor, component_ids: Iterable[int]) -> QuerySet[WorkOrder]:
    """Return the started orders that use one of these components."""
    using = WorkOrderMaterial.objects.filter(
        work_order=OuterRef("pk"), component_id__in=list(component_ids)
    )
    return WorkOrder.objects.visible_to(actor).filter(Exists(using), state="started")


def components_never_used(work_order_ids: Collection[int]) -> list[tuple[int, Item]]:
    """Return ``(order id, component)`` of which no lot was reported as used."""
    used = MaterialEntry.objects.standing().filter(
        work_order=OuterRef("work_order"), lot__item=OuterRef("component"), kind=Kind.CONSUMED
    )
    lines = WorkOrderMaterial.objects.filter(~Exists(used), work_order_id__in=work_order_ids)
    followed = lines.exclude(component__tracking="none").select_related("component")
    return [(line.work_order_id, line.component) for line in followed]


def earlier_expiring(lot_ids: Collection[int], site_id: int) -> dict[int, Lot]:
    """Return, for each of these lots, a usable lot of its item at the site that expires earlier.

    Usable means released, in date, not on hold and lying in storage; where several expire earlier,
    the first one is named. Two queries whatever the number of lots.
    """
    asked = Lot.objects.filter(pk__in=lot_ids, expires_on__isnull=False)
    asked_by_item: dict[int, list[Lot]] = defaultdict(list)
    for lot in asked:
        asked_by_item[lot.item_id].append(lot)
    first = {lot.item_id: lot for lot in _usable(site_id, asked_by_item).exclude(pk__in=lot_ids)}
    return {
        lot.pk: first[item_id]
        for item_id, lots in asked_by_item.items()
        for lot in lots
        if item_id in first and _sooner(first[item_id], lot)
    }


def _sooner(one: Lot, other: Lot) -> bool:
    return bool(one.expires_on and other.expires_on and one.expires_on < other.expires_on)


def _usable(site_id: int, item_ids: Iterable[int]) -> QuerySet[Lot]:
    stored = Balance.objects.filter(
        lot=OuterRef("pk"),
        status=StockStatus.AVAILABLE,
        quantity__gt=0,
        location__site_id=site_id,
        location__kind=Location.Kind.STORAGE,
    )
    held = HoldLine.objects.filter(
        Q(lot=OuterRef("pk")) | Q(lot=OuterRef("batch")), hold__released_at__isnull=True
    )
    lots = Lot.objects.filter(
        ~Exists(held),
        Exists(stored),
        item_id__in=list(item_ids),
        state=LotState.RELEASED,
        expires_on__gte=clock.today(),
    )
    return lots.order_by("item_id", "expires_on", "pk").distinct("item_id")


def batches_of(lot_ids: Collection[int]) -> dict[int, int]:
    """Return the batch of each lot or unit; a lot that is no unit is its own batch."""
    return {pk: batch_id or pk for pk, batch_id in batch_by_lot(lot_ids).items()}


def open_orders_of(batch_ids: Collection[int]) -> dict[int, WorkOrder]:
    """Return the unfinished work order of each batch that has one."""
    rows = WorkOrder.objects.filter(batch_id__in=batch_ids, state="started")
    return {order.batch_id: order for order in rows if order.batch_id is not None}


@dataclass(frozen=True, slots=True)
class ProcessGap:
    """Why the special processes of a batch are not complete."""

    batch_id: int
    kind: str
    problem: str
    """``missing``, ``away``, ``failed`` or ``not_in_load``."""
    cycle: ProcessCycle | None = None
    count: int = 0


def process_gaps(batch_ids: Collection[int]) -> list[ProcessGap]:
    """Return what is missing of the required processes of these batches; five queries at most."""
    items = dict(Lot.objects.filter(pk__in=batch_ids).values_list("pk", "item_id"))
    required: dict[int, list[str]] = defaultdict(list)
    for item_id, kind in ItemProcess.objects.filter(
        item_id__in=set(items.values()), required=True
    ).values_list("item_id", "kind"):
        required[item_id].append(kind)
    if not required:
        return []
    latest = _latest_cycles(batch_ids)
    pairs = [(batch, kind) for batch, item in items.items() for kind in required[item]]
    gaps = [_gap(batch, kind, latest.get((batch, kind))) for batch, kind in pairs]
    passed = [latest[pair] for pair, gap in zip(pairs, gaps, strict=True) if gap is None]
    return [*(gap for gap in gaps if gap is not None), *_outside_load(passed)]


def _latest_cycles(batch_ids: Collection[int]) -> dict[tuple[int, str], ProcessCycle]:
    cycles = ProcessCycle.objects.filter(batch_id__in=batch_ids).order_by("sent_at", "pk")
    return {(cycle.batch_id, cycle.kind): cycle for cycle in cycles}


def _gap(batch_id: int, kind: str, cycle: ProcessCycle | None) -> ProcessGap | None:
    if cycle is None:
        return ProcessGap(batch_id, kind, "missing")
    if cycle.conforming is None:
        return ProcessGap(batch_id, kind, "away", cycle)
    return None if cycle.conforming else ProcessGap(batch_id, kind, "failed", cycle)


def _outside_load(cycles: Collection[ProcessCycle]) -> list[ProcessGap]:
    """Return the batches with units that wait for release but were never in a conforming load."""
    if not cycles:
        return []
    gaps = []
    waiting = Lot.objects.filter(state=LotState.QUARANTINE)
    for kind in sorted({cycle.kind for cycle in cycles}):
        of_kind = {c.batch_id: c for c in cycles if c.kind == kind}
        loaded = ProcessLoad.objects.filter(
            lot=OuterRef("pk"), cycle__kind=kind, cycle__conforming=True
        )
        outside = waiting.filter(~Exists(loaded), batch_id__in=of_kind)
        counts: dict[int, int] = defaultdict(int)
        for batch_id in outside.values_list("batch_id", flat=True):
            counts[batch_id or 0] += 1
        gaps += [
            ProcessGap(batch, kind, "not_in_load", of_kind[batch], n) for batch, n in counts.items()
        ]
    return gaps
