"""Reads of stock and holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from erp.core.quantities import ZERO
from erp.core.reading import asked_once
from erp.inventory.models import Balance, Hold, HoldLine
from erp.masterdata.models import Location
from traceability.models import Lot


def virtual_place(site_id: int, kind: str) -> Location:
    """Return the site's virtual place of this kind (supplier, customer, production, scrap)."""
    return Location.objects.get(site_id=site_id, kind=kind, virtual=True)


def with_members(lot_ids: Iterable[int]) -> frozenset[int]:
    """Return these lots and every unit that belongs to one of them."""
    ids = set(lot_ids)
    return frozenset(ids | set(Lot.objects.filter(batch_id__in=ids).values_list("pk", flat=True)))


def family(*lot_ids: int) -> QuerySet[Lot, Any]:
    """Return, as a subquery, these lots and every unit that belongs to one of them.

    Two halves, each found by its index; "this lot or its lot" across a join would read the whole
    table that is asked.
    """
    units = Lot.objects.filter(batch__in=lot_ids).values("pk")
    return Lot.objects.filter(pk__in=lot_ids).values("pk").union(units, all=True)


def with_batches(lot_ids: Iterable[int]) -> set[int]:
    """Return these lots and the lots their units belong to: a hold may come by either."""
    ids = set(lot_ids)
    batches = Lot.objects.filter(pk__in=ids, batch__isnull=False).values_list("batch_id", flat=True)
    return {*ids, *batches}


@asked_once
def batch_by_lot(lot_ids: Collection[int]) -> dict[int, int | None]:
    """Return for each of these lots the lot it belongs to, if it is a unit of one."""
    return dict(Lot.objects.filter(pk__in=lot_ids).values_list("pk", "batch_id"))


@asked_once
def open_holds(lot_ids: Collection[int]) -> dict[int, list[HoldLine]]:
    """Return the open hold lines that reach each of these lots (their own or their batch's)."""
    batches = {pk: batch for pk, batch in batch_by_lot(lot_ids).items() if batch}
    lines = HoldLine.objects.filter(
        Q(lot_id__in=lot_ids) | Q(lot_id__in=set(batches.values())), hold__released_at__isnull=True
    ).select_related("hold", "lot")
    by_lot: dict[int, list[HoldLine]] = {}
    for line in lines:
        by_lot.setdefault(line.lot_id, []).append(line)
    found: dict[int, list[HoldLine]] = {}
    for pk in lot_ids:
        reached = [*by_lot.get(pk, []), *by_lot.get(batches.get(pk, -1), [])]
        if reached:
            found[pk] = reached
    return found


def holds_reaching(lot_ids: Collection[int]) -> QuerySet[Hold]:
    """Return the holds in force on any of these lots, or on the lot one of them belongs to; the
    newest first.
    """
    batches = Lot.objects.filter(pk__in=lot_ids, batch__isnull=False).order_by().values("batch")
    lines = HoldLine.objects.filter(Q(lot__in=lot_ids) | Q(lot__in=batches))
    named = lines.order_by().values("hold")
    return Hold.objects.filter(pk__in=named, released_at__isnull=True).order_by("-placed_at", "-pk")


def on_hand(lot_ids: Collection[int]) -> dict[int, Decimal]:
    """Return the quantity of each lot at physical places, all statuses together."""
    rows = (
        Balance.objects.filter(lot_id__in=lot_ids).values("lot_id").annotate(total=Sum("quantity"))
    )
    return {row["lot_id"]: row["total"] for row in rows}


def balance_of(lot_id: int, location_id: int, status: str) -> Decimal:
    """Return one balance, zero where there is none."""
    row = Balance.objects.filter(lot_id=lot_id, location_id=location_id, status=status).first()
    return row.quantity if row else ZERO
