"""What a trace knows of purchasing: where it may start, and where lots came from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from procurement.models import Receipt, ReceiptEvent, ReceiptLine
from traceability.models import Lot, TraceEvent
from traceability.origins import (
    Exposed,
    FacetRow,
    Shared,
    exposure,
    facet,
    origin,
    within,
)

Ids = Collection[int]
Moment = dt.datetime | None


def _events(links: QuerySet[ReceiptEvent], since: Moment, until: Moment) -> QuerySet[TraceEvent]:
    return within(TraceEvent.objects.filter(pk__in=links.values("event_id")), since, until)


@origin("receipt", label=_("receipt"), model="procurement.Receipt", key="number")
def of_receipts(ids: Ids, since: Moment, until: Moment) -> QuerySet[TraceEvent]:
    """Return the events of these receipts."""
    return _events(ReceiptEvent.objects.filter(receipt_id__in=ids), since, until)


@origin(
    "purchase-order",
    label=_("purchase order"),
    model="procurement.PurchaseOrder",
    key="number",
)
def of_orders(ids: Ids, since: Moment, until: Moment) -> QuerySet[TraceEvent]:
    """Return the events by which goods of these orders came in."""
    return _events(ReceiptEvent.objects.filter(receipt__order_id__in=ids), since, until)


@origin("supplier", label=_("supplier"), model="masterdata.Partner", key="code")
def of_suppliers(ids: Ids, since: Moment, until: Moment) -> QuerySet[TraceEvent]:
    """Return the events by which goods of these suppliers came in."""
    links = ReceiptEvent.objects.filter(receipt__order__supplier_id__in=ids)
    return _events(links, since, until)


@exposure("receipt", label=_("the same receipt"), order=50)
def receipts_shared(event_ids: Ids) -> Exposed:
    """Return the receipts of these events: one delivery travelled and was unloaded together."""
    found = Receipt.objects.filter(events__event_id__in=event_ids).distinct()
    records = {
        receipt.pk: Shared(receipt.number, f"/receipts/{receipt.pk}/", receipt.order.supplier.name)
        for receipt in found.select_related("order__supplier")
    }
    links = ReceiptEvent.objects.filter(receipt_id__in=records)
    return Exposed(records, links.values_list("receipt_id", "event_id"))


def _receipt_lines(lot_ids: Ids) -> tuple[list[ReceiptLine], dict[int, list[int]]]:
    """Return the standing receipt lines of these lots, and for each named lot those it stands for.

    A unit inside a received lot came with its lot.
    """
    members: dict[int, list[int]] = defaultdict(list)
    inside = Lot.objects.filter(pk__in=lot_ids, batch__isnull=False)
    for pk, batch_id in inside.values_list("pk", "batch_id"):
        members[batch_id].append(pk)
    wanted = {*lot_ids, *members}
    lines = ReceiptLine.objects.standing().filter(lot_id__in=wanted).select_related("lot")
    stands_for = {pk: members.get(pk) or [pk] for pk in wanted}
    return list(lines), stands_for


@facet("suppliers", title=_("Suppliers"), order=10, side="source", forward=False)
def suppliers(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return each supplier with the lots it delivered."""
    lines, stands_for = _receipt_lines(lot_ids)
    receipts = _receipts(lines)
    lots: dict[int, list[int]] = defaultdict(list)
    for line in lines:
        supplier_id = receipts[line.receipt_id].order.supplier_id
        lots[supplier_id] += stands_for[line.lot_id]
    partners = {r.order.supplier_id: r.order.supplier for r in receipts.values()}
    found = [
        FacetRow(
            label=partners[pk].name,
            url=f"/partners/{pk}/",
            detail=f"{partners[pk].code}, {partners[pk].country}",
            lot_ids=tuple(lots[pk]),
        )
        for pk in lots
    ]
    return sorted(found, key=lambda row: str(row.label))


@facet("receipts", title=_("Receipts and certificates"), order=20, forward=False)
def receipts_and_certificates(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return each receipt, once per certificate and supplier's lot, with its lots."""
    lines, stands_for = _receipt_lines(lot_ids)
    receipts = _receipts(lines)
    groups: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for line in lines:
        key = (line.receipt_id, line.certificate_number, line.lot.supplier_lot)
        groups[key] += stands_for[line.lot_id]
    found = [
        FacetRow(
            label=receipts[pk].number,
            url=f"/receipts/{pk}/",
            detail=_detail(receipts[pk], certificate, supplier_lot),
            lot_ids=tuple(lots),
            at=receipts[pk].received_at,
        )
        for (pk, certificate, supplier_lot), lots in groups.items()
    ]
    return sorted(found, key=lambda row: (row.at is None, row.at, str(row.label)))


def _receipts(lines: Collection[ReceiptLine]) -> dict[int, Receipt]:
    rows = Receipt.objects.select_related("order__supplier")
    return rows.in_bulk({line.receipt_id for line in lines})


def _detail(receipt: Receipt, certificate: str, supplier_lot: str) -> str:
    parts = [f"{receipt.order.supplier.name}, {receipt.order.number}"]
    if supplier_lot:
        parts.append(_now("supplier's lot %(lot)s") % {"lot": supplier_lot})
    parts.append(
        _now("certificate %(number)s") % {"number": certificate}
        if certificate
        else _now("no certificate recorded")
    )
    return "; ".join(parts)
