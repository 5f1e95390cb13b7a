"""What is left of goods under a hold, and where the rest went.

A hold is never closed by itself: releasing it stays somebody's signed act. But where all goods were
scrapped, used up by tests or sent back to the supplier, it keeps nothing from moving any more, and
the list says so. Goods with customers or in products are not gone, and what a count missed may turn
up: holds over these are not said to have nothing left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from erp.core.quantities import ZERO
from erp.inventory.models import Balance, Hold, HoldLine, StockMove
from erp.masterdata.models import Location
from traceability.models import Lot

Kind = Location.Kind
GONE = (Kind.SCRAP, Kind.SUPPLIER)
"""Virtual places from which goods do not come back under a hold."""


AWAY = (Kind.PRODUCTION, Kind.ADJUSTMENT)
"""Virtual places in which goods live on, or from which they may turn up."""


def with_nothing_left(rows: QuerySet[Hold]) -> QuerySet[Any]:
    """Add ``nothing_left``: in force, and of every lot under it all was scrapped or sent back."""
    lines = HoldLine.objects.filter(hold=OuterRef("pk"))
    gone = _standing().filter(to_location__kind__in=GONE)
    kept = lines.filter(
        ~Exists(gone.filter(lot=OuterRef("lot"))), ~Exists(gone.filter(lot__batch=OuterRef("lot")))
    )
    left = Q(Exists(kept)) | Q(~Exists(lines))
    held = HoldLine.objects.filter(hold=OuterRef(OuterRef("pk"))).values("lot")
    for family in (Q(lot__in=held), Q(lot__batch__in=held)):
        left |= Q(Exists(Balance.objects.filter(family, quantity__gt=0)))
        left |= Q(Exists(_standing().filter(family, to_location__kind__in=AWAY)))
        left |= Q(Exists(_with_customers(family)))
    nothing = Q(released_at__isnull=True) & ~left
    return rows.annotate(nothing_left=ExpressionWrapper(nothing, output_field=BooleanField()))


def _standing() -> QuerySet[StockMove]:
    """Return the moves that happened: neither declared wrong, nor what took such a one back."""
    return StockMove.objects.filter(event__corrections__isnull=True, event__corrects__isnull=True)


def _with_customers(family: Q) -> QuerySet[StockMove, Any]:
    """Return a lot of which more went to customers than came back."""
    moves = _standing().filter(family).order_by().values("lot")
    out = Sum("quantity", filter=Q(to_location__kind=Kind.CUSTOMER))
    back = Sum("quantity", filter=Q(from_location__kind=Kind.CUSTOMER))
    net = moves.annotate(net=Coalesce(out, ZERO) - Coalesce(back, ZERO))
    return net.filter(net__gt=0)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """How much of a lot under a hold, with its units, is in stock or went to a kind of place."""

    lot: Lot
    kind: str
    """A kind of virtual place; empty for what lies in stock."""
    quantity: Decimal


_WHERE = """
    WITH family AS (
        SELECT x.lot_id AS named, x.lot_id FROM inventory_holdline x WHERE x.hold_id = %(hold)s
        UNION
        SELECT x.lot_id, u.id FROM inventory_holdline x
        JOIN traceability_lot u ON u.batch_id = x.lot_id WHERE x.hold_id = %(hold)s),
    moves AS (
        SELECT f.named, m.quantity, t.kind AS went, s.kind AS came FROM family f
        JOIN inventory_stockmove m ON m.lot_id = f.lot_id
        JOIN traceability_traceevent e ON e.id = m.event_id AND e.corrects_id IS NULL
        JOIN masterdata_location t ON t.id = m.to_location_id
        JOIN masterdata_location s ON s.id = m.from_location_id
        WHERE NOT EXISTS (SELECT FROM traceability_traceevent c WHERE c.corrects_id = e.id))
    SELECT named, kind, total FROM (
        SELECT f.named, '' AS kind, sum(b.quantity) AS total FROM family f
        JOIN inventory_balance b ON b.lot_id = f.lot_id GROUP BY f.named
        UNION ALL
        SELECT named, went, sum(quantity) - CASE went WHEN 'customer' THEN coalesce((
            SELECT sum(quantity) FROM moves b WHERE b.named = m.named AND b.came = 'customer'), 0)
            ELSE 0 END
        FROM moves m WHERE went = ANY(%(virtual)s) GROUP BY named, went) places
    WHERE total > 0 ORDER BY named, kind"""


def whereabouts(hold: Hold) -> Sequence[Whereabouts]:
    """Return where the goods under a hold are and went, lot by lot; two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_WHERE, {"hold": hold.pk, "virtual": sorted(Location.VIRTUAL)})
        rows = cursor.fetchall()
    lots = Lot.objects.select_related("item").in_bulk({named for named, _kind, _total in rows})
    found = [Whereabouts(lots[named], kind, total) for named, kind, total in rows]
    return sorted(found, key=lambda w: (w.lot.number, w.kind))
