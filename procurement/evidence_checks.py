"""Checks of what came in: that every receipt belongs to an order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from procurement.models import ReceiptLine
from traceability.completeness.registry import Found, evidence_check, found_by, touched_lots
from traceability.ids import IdSet

# What was recorded afterwards for want of a receipt says so by itself.
NO_ORDER = """
    SELECT g.id, NULL::bigint, json_build_object('date', min(e.event_time)::date)
    FROM given g
    JOIN traceability_eventoutput o ON o.lot_id = g.id
    JOIN traceability_traceevent e ON e.id = o.event_id AND e.biz_step = 'receiving'
        AND e.disposition <> 'returned'
    WHERE e.id NOT IN (SELECT id FROM void)
      AND NOT EXISTS (SELECT FROM traceability_repair p WHERE p.event_id = e.id)
      AND NOT EXISTS (SELECT FROM procurement_receiptline r
                      JOIN procurement_receiptevent x ON x.receipt_id = r.receipt_id
                      WHERE r.lot_id = g.id AND x.event_id NOT IN (SELECT id FROM void))
      AND NOT EXISTS (SELECT FROM procurement_receiptline r
                      JOIN procurement_receiptevent x ON x.receipt_id = r.receipt_id
                      WHERE r.lot_id = g.batch_id AND x.event_id NOT IN (SELECT id FROM void))
    GROUP BY g.id"""


@evidence_check(
    "received_without_order",
    title=_("Received without purchase order"),
    wrong=_("It was received on %(date)s; no receipt of a purchase order names it."),
    why=_("Nothing shows that its supplier was approved for it, or who asked for it."),
    order=130,
)
def received_without_order(lots: IdSet) -> Iterable[Found]:
    """Lots and units that arrived without a line of a receipt."""
    return found_by(NO_ORDER, lots)


@touched_lots("receipts")
def on_receipts(since: dt.datetime) -> Iterable[int]:
    """Return the lots on receipts since."""
    rows = ReceiptLine.objects.filter(receipt__received_at__gte=since)
    return rows.values_list("lot_id", flat=True)
