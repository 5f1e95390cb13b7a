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
from django.db.models import BooleanField, ExpressionWrapper, Func, Q, QuerySet

from erp.inventory.models import Hold
from erp.masterdata.models import Location
from traceability.models import Lot

Kind = Location.Kind
GONE = f"('{Kind.SCRAP}', '{Kind.SUPPLIER}')"
"""Virtual places from which goods do not come back under a hold."""
AWAY = f"('{Kind.PRODUCTION}', '{Kind.ADJUSTMENT}')"
"""Virtual places in which goods live on, or from which they may turn up."""


def _family(hold: str) -> str:
    """Return the query of the lots that a hold names, and of the units in them."""
    return f"""
        SELECT x.lot_id AS named, x.lot_id FROM inventory_holdline x WHERE x.hold_id = {hold}
        UNION ALL
        SELECT x.lot_id, u.id FROM inventory_holdline x
        JOIN traceability_lot u ON u.batch_id = x.lot_id WHERE x.hold_id = {hold}
    """  # noqa: S608 - a name or a placeholder of this file, no input


_STANDING = """
    inventory_stockmove m
    JOIN traceability_traceevent e ON e.id = m.event_id AND e.corrects_id IS NULL
        AND NOT EXISTS (SELECT FROM traceability_traceevent c WHERE c.corrects_id = e.id)
    JOIN masterdata_location t ON t.id = m.to_location_id
    JOIN masterdata_location s ON s.id = m.from_location_id"""
"""The moves that happened: neither declared wrong, nor what took such a one back."""


class NothingLeft(Func):
    """Tell of a hold whether every lot under it was scrapped or sent back, and all of it.

    Written out, because it has to be asked lot by lot: as conditions of the list's query it read
    all moves of the house for each hold.
    """

    template = f"""(
        EXISTS (SELECT FROM inventory_holdline x WHERE x.hold_id = %(expressions)s)
        AND NOT EXISTS (
            SELECT FROM ({_family("%(expressions)s")}) f
            JOIN inventory_balance b ON b.lot_id = f.lot_id WHERE b.quantity > 0)
        AND NOT EXISTS (
            SELECT FROM ({_family("%(expressions)s")}) f LEFT JOIN LATERAL (
                SELECT bool_or(t.kind IN {GONE}) AS gone, bool_or(t.kind IN {AWAY})
                    OR sum(CASE '{Kind.CUSTOMER}' WHEN t.kind THEN m.quantity
                        WHEN s.kind THEN -m.quantity ELSE 0 END) > 0 AS elsewhere
                FROM {_STANDING} WHERE m.lot_id = f.lot_id) went ON true
            GROUP BY f.named HAVING bool_or(gone) IS NOT TRUE OR bool_or(elsewhere)))"""  # noqa: S608 - constants
    output_field: Any = BooleanField()


def with_nothing_left(rows: QuerySet[Hold]) -> QuerySet[Any]:
    """Add ``nothing_left``: in force, and of every lot under it all was scrapped or sent back."""
    nothing = Q(NothingLeft("pk"), released_at__isnull=True)
    return rows.annotate(nothing_left=ExpressionWrapper(nothing, output_field=BooleanField()))


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """How much of a lot under a hold, with its units, is in stock or went to a kind of place."""

    lot: Lot
    kind: str
    """A kind of virtual place; empty for what lies in stock."""
    quantity: Decimal


_WHERE = f"""
    WITH family AS ({_family("%(hold)s")}),
    moves AS (
        SELECT f.named, m.quantity, t.kind AS went, s.kind AS came
        FROM family f, {_STANDING} WHERE m.lot_id = f.lot_id)
    SELECT named, kind, total FROM (
        SELECT f.named, '' AS kind, sum(b.quantity) AS total FROM family f
        JOIN inventory_balance b ON b.lot_id = f.lot_id GROUP BY f.named
        UNION ALL
        SELECT named, went, sum(quantity) - CASE went WHEN 'customer' THEN coalesce((
            SELECT sum(quantity) FROM moves b WHERE b.named = m.named AND b.came = 'customer'), 0)
            ELSE 0 END
        FROM moves m WHERE went = ANY(%(virtual)s) GROUP BY named, went) places
    WHERE total > 0 ORDER BY named, kind"""  # noqa: S608 - constants


def whereabouts(hold: Hold) -> Sequence[Whereabouts]:
    """Return where the goods under a hold are and went, lot by lot; two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_WHERE, {"hold": hold.pk, "virtual": sorted(Location.VIRTUAL)})
        rows = cursor.fetchall()
    lots = Lot.objects.select_related("item").in_bulk({named for named, _kind, _total in rows})
    found = [Whereabouts(lots[named], kind, total) for named, kind, total in rows]
    return sorted(found, key=lambda w: (w.lot.number, w.kind))
