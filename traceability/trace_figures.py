"""The columns of the mass balance that events alone tell."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from erp.core.quantities import ZERO
from traceability.origins import Ids, figure
from traceability.trace.void import VOID_SQL

SHIPPING = "shipping"
RETURNED = "returned"

_INPUTS = """
    SELECT i.lot_id, sum(i.quantity) FROM traceability_eventinput i
    JOIN traceability_traceevent e ON e.id = i.event_id
    WHERE i.lot_id = ANY(%(lots)s::bigint[]) AND i.event_id NOT IN ({void})
      AND {used} EXISTS (SELECT 1 FROM traceability_eventoutput o WHERE o.event_id = i.event_id)
      AND {step}
    GROUP BY i.lot_id"""

# One making of a unit may be told by two events: what is known of this unit, and what is known of
# all units made together. It came into being once. Nor does it come into being again when somebody
# records afterwards what went into it.
_OUTPUTS = """
    SELECT lot_id, sum(quantity) FROM (
        SELECT o.lot_id, CASE l.kind WHEN 'serial' THEN max(o.quantity) ELSE sum(o.quantity) END
               AS quantity
        FROM traceability_eventoutput o
        JOIN traceability_traceevent e ON e.id = o.event_id
        JOIN traceability_lot l ON l.id = o.lot_id
        WHERE o.lot_id = ANY(%(lots)s::bigint[]) AND o.event_id NOT IN ({void})
          AND e.disposition {which} %(returned)s
          AND NOT EXISTS (SELECT FROM traceability_repair p
                          WHERE p.event_id = o.event_id AND p.kind = 'material')
        GROUP BY o.lot_id, l.kind, coalesce(e.operation_id::text, e.id::text)) once
    GROUP BY lot_id"""

# Units that were made together with the lot they belong to: the lot's quantity is in them.
_UNITS = """
    SELECT u.batch_id, sum(o.quantity) FROM traceability_lot u
    JOIN traceability_eventoutput o ON o.lot_id = u.id
    JOIN traceability_eventoutput b ON b.event_id = o.event_id AND b.lot_id = u.batch_id
    WHERE u.batch_id = ANY(%(lots)s::bigint[]) AND o.event_id NOT IN ({void})
    GROUP BY u.batch_id"""


def _sums(statement: str, lot_ids: Ids, **values: Any) -> dict[int, Decimal]:
    given = {
        "lots": list(lot_ids),
        "at": None,
        "void_too": False,
        "shipping": SHIPPING,
        "returned": RETURNED,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement.format(void=VOID_SQL, **values), given)
        return dict(cursor.fetchall())


@figure("made", label=_("received or made"), sign=1, order=10)
def made(lot_ids: Ids) -> Mapping[int, Decimal]:
    """Return what came in by events; what customers sent back lessens what was shipped instead."""
    return _sums(_OUTPUTS, lot_ids, which="<>")


@figure("consumed", label=_("used"), sign=-1, order=20)
def consumed(lot_ids: Ids) -> Mapping[int, Decimal]:
    """Return what went into something else."""
    return _sums(_INPUTS, lot_ids, used="", step="true")


@figure("in_units", label=_("in its units"), sign=-1, order=25)
def in_units(lot_ids: Ids) -> Mapping[int, Decimal]:
    """Return what of a lot is its serial-numbered units."""
    return _sums(_UNITS, lot_ids)


@figure("shipped", label=_("shipped"), sign=-1, order=30)
def shipped(lot_ids: Ids) -> Mapping[int, Decimal]:
    """Return what left and did not come back, whoever recorded it.

    Every shipment and every return of sales is an event too, so counting events counts them once,
    together with what partners told (EPCIS) and what was taken over from older records.
    """
    left = _sums(_INPUTS, lot_ids, used="NOT", step="e.biz_step = %(shipping)s")
    back = _sums(_OUTPUTS, lot_ids, which="=")
    return {pk: left.get(pk, ZERO) - back.get(pk, ZERO) for pk in {*left, *back}}


@figure("removed", label=_("scrapped or sampled"), sign=-1, order=40)
def removed(lot_ids: Ids) -> Mapping[int, Decimal]:
    """Return what ended here: scrap, samples, destruction, back to the supplier."""
    return _sums(_INPUTS, lot_ids, used="NOT", step="e.biz_step <> %(shipping)s")
