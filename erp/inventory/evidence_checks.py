"""Checks of the ledger: that balances are its sums, and that no move is without its event."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from traceability.completeness.registry import Found, evidence_check, found_by
from traceability.ids import IdSet

BALANCE_DIFFERS = """
    , moved AS (
        SELECT m.lot_id, m.location_id, m.status, sum(m.quantity) AS quantity FROM (
            SELECT k.lot_id, k.to_location_id AS location_id, k.to_status AS status, k.quantity
            FROM inventory_stockmove k JOIN given g ON g.id = k.lot_id
            UNION ALL
            SELECT k.lot_id, k.from_location_id, k.from_status, -k.quantity
            FROM inventory_stockmove k JOIN given g ON g.id = k.lot_id) m
        JOIN masterdata_location p ON p.id = m.location_id AND NOT p.virtual
        GROUP BY 1, 2, 3)
    , kept AS (SELECT b.* FROM inventory_balance b JOIN given g ON g.id = b.lot_id)
    SELECT coalesce(m.lot_id, b.lot_id), NULL::bigint, json_build_object(
        'place', min(p.code), 'kept', trim_scale(sum(coalesce(b.quantity, 0))),
        'moved', trim_scale(sum(coalesce(m.quantity, 0))))
    FROM moved m FULL JOIN kept b ON b.lot_id = m.lot_id AND b.location_id = m.location_id
        AND b.status = m.status
    JOIN masterdata_location p ON p.id = coalesce(m.location_id, b.location_id)
    WHERE coalesce(m.quantity, 0) <> coalesce(b.quantity, 0)
    GROUP BY 1"""

# One operation may tell what happened in several events, and what is told of a lot holds for its
# units.
MOVE_WITHOUT_EVENT = """
    , told AS MATERIALIZED (
        SELECT x.lot_id, e.id, e.operation_id FROM (
            SELECT g.id AS lot_id, i.event_id FROM given g
            JOIN traceability_eventinput i ON i.lot_id IN (g.id, g.batch_id)
            UNION
            SELECT g.id, o.event_id FROM given g
            JOIN traceability_eventoutput o ON o.lot_id IN (g.id, g.batch_id)
            UNION
            SELECT g.id, s.event_id FROM given g
            JOIN traceability_eventsubject s ON s.lot_id IN (g.id, g.batch_id)) x
        JOIN traceability_traceevent e ON e.id = x.event_id)
    SELECT g.id, min(e.id), json_build_object('quantity', trim_scale(sum(k.quantity)),
                                              'date', min(e.event_time)::date)
    FROM given g JOIN inventory_stockmove k ON k.lot_id = g.id
    JOIN traceability_traceevent e ON e.id = k.event_id
    WHERE NOT EXISTS (
        SELECT FROM told t WHERE t.lot_id = g.id
        AND (t.id = e.id OR t.id = e.corrects_id OR t.operation_id = e.operation_id))
    GROUP BY g.id"""


@evidence_check(
    "balance_differs",
    title=_("Stock is not the sum of its moves"),
    wrong=_("At %(place)s the stock says %(kept)s, the ledger adds up to %(moved)s."),
    why=_("Stock was changed without a move: what lies there cannot be proved."),
    order=110,
)
def balance_differs(lots: IdSet) -> Iterable[Found]:
    """Lots whose balance at a physical place differs from the ledger."""
    return found_by(BALANCE_DIFFERS, lots)


@evidence_check(
    "move_without_event",
    title=_("Stock moved without an event"),
    wrong=_("%(quantity)s were moved on %(date)s by an event that does not name the lot."),
    why=_("The ledger knows of something that the chain does not."),
    order=120,
)
def move_without_event(lots: IdSet) -> Iterable[Found]:
    """Lots that the ledger moved by an operation none of whose events concerns them."""
    return found_by(MOVE_WITHOUT_EVENT, lots)
