"""Receiving: everything into quarantine; nothing unapproved, too much or uncertified."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.core import clock, events
from erp.core.errors import (
    Blocked,
    IdempotencyMismatch,
    IllegalStep,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from erp.inventory.errors import TooFine, WrongPlace
from erp.inventory.models import Balance
from erp.masterdata.models import Location
from procurement.events import LotReceived
from procurement.models import PurchaseOrder, Receipt, ReceiptLine
from procurement.operations import cancel_order, receive_goods, suspend_supplier
from procurement.queries import full_lines, receipt_line_of
from procurement.trace import (
    of_orders,
    of_receipts,
    of_suppliers,
    receipts_and_certificates,
    suppliers,
)
from tests.conftest import ctx_for
from tests.inventory.builders import declare_wrong
from tests.masterdata.builders import make_item, place
from tests.procurement.builders import delivered, ordered, received
from traceability.corrections.queries import never_made
from traceability.errors import NumberTaken
from traceability.models import EventOutput, EventSubject, Lot, TraceEvent
from traceability.trace import resolve

pytestmark = [pytest.mark.django_db, pytest.mark.urs("PRC-02")]


@pytest.fixture
def heard() -> Iterator[list[LotReceived]]:
    """Collect what is told of received lots."""
    told: list[LotReceived] = []
    handlers = events._handlers[LotReceived]
    listen = lambda ctx, event: told.append(event)  # noqa: E731
    handlers.append(listen)
    yield told
    handlers.remove(listen)


def _refusal(user: User, order: PurchaseOrder, *lines: dict[str, Any]) -> list[str]:
    with pytest.raises(Blocked) as refusal:
        delivered(user, order, list(lines))
    return sorted(b.code for b in refusal.value.blockers)


def _faults(
    user: User, order: PurchaseOrder, *lines: dict[str, Any]
) -> set[tuple[str, int | None]]:
    with pytest.raises(InvalidInput) as refusal:
        delivered(user, order, list(lines))
    return {(f.name, f.row) for f in refusal.value.faults}


@pytest.mark.urs("TRC-02", "INV-01", "INV-02")
def test_a_receipt_makes_a_lot_in_quarantine_with_its_event_and_its_place(
    ben: User, ada: User, site: Site, heard: list[LotReceived]
) -> None:
    item = make_item(shelf_life_days=100)
    order = ordered(ben, ada, site, item)
    made_on = clock.today() - dt.timedelta(days=5)
    receipt = received(
        ben, order, 40, supplier_lot="SL-9", certificate_number="CoA-1", manufactured_on=made_on
    )
    line = receipt.lines.get()
    lot = line.lot
    assert receipt.number.startswith("RC-")
    assert (lot.state, lot.kind, lot.supplier_lot) == ("quarantine", "lot", "SL-9")
    assert lot.number.startswith("L-")
    assert lot.expires_on == made_on + dt.timedelta(days=100)
    assert (lot.revision, lot.manufacturer) == (order.lines.get().revision, order.supplier)
    assert (line.quantity, line.certificate_number) == (Decimal(40), "CoA-1")
    balance = Balance.objects.get(lot=lot)
    assert (balance.location.kind, balance.status, balance.quantity) == (
        "quarantine",
        "quarantine",
        Decimal(40),
    )
    event = receipt.events.get().event
    assert (event.kind, event.action, event.biz_step, event.disposition) == (
        "object",
        "ADD",
        "receiving",
        "in_progress",
    )
    assert EventOutput.objects.get(event=event).quantity == Decimal(40)
    assert heard == [LotReceived((lot.pk,), receipt.pk, site.pk, order.supplier_id)]


def test_parts_add_up_and_the_order_is_received_when_all_came(
    ben: User, ada: User, site: Site
) -> None:
    order = ordered(ben, ada, site)
    received(ben, order, 30)
    order.refresh_from_db()
    assert order.state == "ordered"
    assert full_lines().get(order=order).received == Decimal(30)
    received(ben, order, 70)
    order.refresh_from_db()
    assert order.state == "received"
    with pytest.raises(IllegalStep):
        received(ben, order, 1)


def test_the_happening_has_the_time_of_the_call(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site)
    at = clock.now() - dt.timedelta(days=60)
    lines: Any = [{"line": 1, "quantity": 5}]
    where = place(site, "quarantine").pk
    told = ctx_for(ben, at=at, reason="The network was down")
    receipt = receive_goods(told, order_id=order.pk, location_id=where, lines=lines)
    assert receipt.received_at == at
    assert receipt.events.get().event.event_time == at


def test_one_delivery_of_several_lots_is_one_event(ben: User, ada: User, site: Site) -> None:
    steel, wire = make_item(), make_item(unit="kg")
    order = ordered(ben, ada, site, steel, wire)
    receipt = delivered(
        ben,
        order,
        [
            {"item_id": steel.code, "quantity": 60, "supplier_lot": "A"},
            {"item_id": steel.code, "quantity": 40, "supplier_lot": "B"},
            {"line": 2, "quantity": "99.5", "number": "W-77"},
        ],
        delivery_note="DN-5",
    )
    assert receipt.events.count() == 1
    assert receipt.events.get().event.outputs.count() == 3
    assert Lot.objects.get(number="W-77").item == wire
    assert receipt.lines.filter(order_line__position=1).count() == 2


def test_more_than_ordered_is_refused(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site)
    received(ben, order, 60)
    assert _refusal(ben, order, {"line": 1, "quantity": 41}) == ["receipt.over_delivery"]
    halves = {"line": 1, "quantity": 21}
    assert _refusal(ben, order, halves, halves) == ["receipt.over_delivery"]
    assert order.receipts.count() == 1


@pytest.mark.urs("PRC-04", "TRC-09")
def test_all_reasons_come_back_together(ben: User, ada: User, site: Site) -> None:
    item = make_item(certificate_required=True)
    order = ordered(ben, ada, site, item)
    approval = order.lines.get().approval
    assert approval is not None
    suspend_supplier(ctx_for(ben, reason="recall of theirs"), approval_id=approval.pk)
    assert _refusal(ben, order, {"line": 1, "quantity": 101}) == [
        "receipt.certificate_missing",
        "receipt.over_delivery",
        "supplier.suspended",
    ]
    assert not Lot.objects.filter(item=item).exists()
    assert not TraceEvent.objects.filter(site=site, biz_step="receiving").exists()


def test_a_required_certificate_is_enough(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site, make_item(certificate_required=True))
    assert received(ben, order, 10, certificate_number="CoC-3").lines.count() == 1


def test_goods_come_into_a_quarantine_store_of_the_site_only(
    ben: User, ada: User, site: Site, other_site: Site
) -> None:
    order = ordered(ben, ada, site)
    for wrong in (place(site, "storage"), place(other_site, "quarantine")):
        with pytest.raises(WrongPlace):
            _receive_at(ada, order, wrong)


def _receive_at(user: User, order: PurchaseOrder, where: Location) -> Receipt:
    lines: Any = [{"line": 1, "quantity": 1}]
    return receive_goods(ctx_for(user), order_id=order.pk, location_id=where.pk, lines=lines)


def test_nothing_is_received_of_a_cancelled_order(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site)
    cancel_order(ctx_for(ben, reason="ordered twice"), order_id=order.pk)
    with pytest.raises(IllegalStep):
        received(ben, order, 1)


def test_neither_auditor_nor_stranger_receives(
    ben: User, ada: User, cleo: User, dan: User, site: Site
) -> None:
    order = ordered(ben, ada, site)
    with pytest.raises(NotFound):
        received(dan, order, 1)
    # Cleo sees the order, everywhere and all of them, but changes nothing.
    with pytest.raises(NotPermitted):
        received(cleo, order, 1)


def test_each_row_that_fits_no_line_is_named(ben: User, ada: User, site: Site) -> None:
    item, other = make_item(), make_item()
    order = ordered(ben, ada, site, item, item)
    assert _faults(
        ben,
        order,
        {"quantity": 1},
        {"line": 9, "quantity": 1},
        {"item_id": other.pk, "quantity": 1},
        {"item_id": item.pk, "quantity": 1},
    ) == {("lines.line", 1), ("lines.line", 2), ("lines.item_id", 3), ("lines.line", 4)}


def test_impossible_dates_are_named(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site)
    today = clock.today()
    tomorrow, yesterday = today + dt.timedelta(days=1), today - dt.timedelta(days=1)
    assert _faults(
        ben,
        order,
        {"line": 1, "quantity": 1, "manufactured_on": tomorrow + dt.timedelta(days=1)},
        {"line": 1, "quantity": 1, "manufactured_on": today, "expires_on": yesterday},
    ) == {("lines.manufactured_on", 1), ("lines.expires_on", 2)}


def test_half_pieces_do_not_arrive(ben: User, ada: User, site: Site) -> None:
    with pytest.raises(TooFine):
        received(ben, ordered(ben, ada, site), "0.5")


@pytest.mark.urs("TRC-01")
def test_a_lot_number_is_given_once_per_item_and_maker(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site)
    received(ben, order, 1, number="R-1042")
    with pytest.raises(NumberTaken):
        received(ben, order, 1, number="R-1042")


@pytest.mark.urs("TRC-01")
def test_serial_tracked_items_arrive_as_one_population_of_units(
    ben: User, ada: User, site: Site, heard: list[LotReceived]
) -> None:
    order = ordered(ben, ada, site, make_item(tracking="serial"), quantity=3)
    receipt = received(ben, order, 2, serials=["S-1", "S-2"], certificate_number="C")
    delivery = receipt.lines.get().lot
    units = delivery.members.order_by("number")
    assert [(u.number, u.kind) for u in units] == [("S-1", "serial"), ("S-2", "serial")]
    assert (delivery.kind, delivery.number[0]) == ("lot", "L")
    assert not Balance.objects.filter(lot=delivery).exists()
    assert sum(b.quantity for b in Balance.objects.filter(lot__in=units)) == 2
    assert heard[0].lot_ids == (delivery.pk,)
    assert full_lines().get(order=order).received == 2


@pytest.mark.urs("TRC-01")
def test_a_serial_tracked_unit_that_comes_alone_is_judged_itself(
    ben: User, ada: User, site: Site, heard: list[LotReceived]
) -> None:
    order = ordered(ben, ada, site, make_item(tracking="serial"), quantity=3)
    receipt = received(ben, order, 1, serials=["S-1"], certificate_number="C")
    unit = receipt.lines.get().lot
    assert (unit.number, unit.kind, unit.batch_id) == ("S-1", "serial", None)
    assert heard[0].lot_ids == (unit.pk,)


@pytest.mark.urs("TRC-01")
def test_serials_in_a_lot_arrive_as_a_lot_with_its_units(
    ben: User, ada: User, site: Site, heard: list[LotReceived]
) -> None:
    order = ordered(ben, ada, site, make_item(tracking="both"), quantity=2)
    receipt = received(ben, order, 2, number="B-1", serials=["S-1", "S-2"])
    batch = receipt.lines.get().lot
    assert (batch.number, batch.kind) == ("B-1", "lot")
    units = list(batch.members.order_by("number"))
    assert [u.number for u in units] == ["S-1", "S-2"]
    event = receipt.events.get().event
    assert set(event.outputs.values_list("lot_id", flat=True)) == {u.pk for u in units}
    assert EventSubject.objects.get(event=event).lot == batch
    # The quantity lies in the units; the lot that contains them has none of its own.
    assert not Balance.objects.filter(lot=batch).exists()
    assert heard[0].lot_ids == (batch.pk,)
    assert full_lines().get(order=order).received == 2
    found = receipt_line_of(units[0])
    assert found is not None
    assert found.receipt == receipt


def test_serials_must_be_as_many_as_the_quantity_and_only_where_they_belong(
    ben: User, ada: User, site: Site
) -> None:
    units, pieces = make_item(tracking="serial"), make_item()
    order = ordered(ben, ada, site, units, pieces)
    assert _faults(
        ben,
        order,
        {"line": 1, "quantity": 2, "serials": ["S-1"]},
        {"line": 1, "quantity": 1, "serials": ["S-9"], "number": "B-1"},
        {"line": 2, "quantity": 1, "serials": ["S-2"]},
        {"line": 1, "quantity": 1},
    ) == {
        ("lines.serials", 1),
        ("lines.number", 2),
        ("lines.serials", 3),
        ("lines.serials", 4),
    }


def test_a_serial_given_twice_refuses_the_delivery(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site, make_item(tracking="serial"))
    with pytest.raises(NumberTaken):
        received(ben, order, 2, serials=["S-1", "S-1"])
    assert not order.receipts.exists()


def test_a_repeated_delivery_with_the_same_key_is_received_once(
    ben: User, ada: User, site: Site
) -> None:
    order = ordered(ben, ada, site)
    where = place(site, "quarantine").pk
    lines: Any = [{"line": 1, "quantity": 5}]
    ctx = ctx_for(ben, idempotency_key="asn-1")
    first = receive_goods(ctx, order_id=order.pk, location_id=where, lines=lines)
    again = receive_goods(ctx, order_id=order.pk, location_id=where, lines=lines)
    assert first == again
    assert order.receipts.count() == 1
    more: Any = [{"line": 1, "quantity": 6}]
    with pytest.raises(IdempotencyMismatch):
        receive_goods(ctx, order_id=order.pk, location_id=where, lines=more)


def test_a_receipt_is_never_changed(ben: User, ada: User, site: Site) -> None:
    receipt = received(ben, ordered(ben, ada, site), 5)
    for rows in (Receipt.objects.filter(pk=receipt.pk), receipt.lines.all(), receipt.events.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


@pytest.mark.parametrize("tracking", ["serial", "both"])
def test_ten_thousand_serials_come_in_bulk(ben: User, ada: User, site: Site, tracking: str) -> None:
    order = ordered(ben, ada, site, make_item(tracking=tracking), quantity=20_000)
    with CaptureQueriesContext(connection) as few:
        received(ben, order, 10, serials=[f"A-{n}" for n in range(10)])
    serials = [f"B-{n:05d}" for n in range(10_000)]
    with CaptureQueriesContext(connection) as many:
        receipt = received(ben, order, 10_000, serials=serials)
    assert receipt.events.get().event.outputs.count() == 10_000
    # Bulk statements are cut into chunks of 5,000 rows, so each of them is two instead of one.
    assert len(many) <= len(few) + 12


@pytest.mark.urs("TRC-04")
def test_a_trace_starts_from_receipt_order_supplier_and_supplier_lot(
    ben: User, ada: User, site: Site
) -> None:
    order = ordered(ben, ada, site)
    receipt = received(ben, order, 5, supplier_lot="SL-1")
    event = receipt.events.get().event
    assert list(of_receipts([receipt.pk], None, None)) == [event]
    assert list(of_orders([order.pk], None, None)) == [event]
    assert list(of_suppliers([order.supplier_id], None, None)) == [event]
    later = clock.now() + dt.timedelta(hours=1)
    assert list(of_suppliers([order.supplier_id], later, None)) == []
    lots = Lot.objects.filter(supplier_lot="SL-1").values_list("pk", flat=True)
    start = resolve(["supplier-lot:SL-1"], actor=ctx_for(ada).actor)
    assert set(start.lot_ids) == set(lots)


@pytest.mark.urs("TRC-03")
def test_a_trace_shows_supplier_and_certificate_of_units_and_lots(
    ben: User, ada: User, site: Site
) -> None:
    order = ordered(ben, ada, site, make_item(tracking="both"), make_item())
    receipt = delivered(
        ben,
        order,
        [
            {"line": 1, "quantity": 1, "serials": ["S-1"], "certificate_number": "CoC-1"},
            {"line": 2, "quantity": 1, "supplier_lot": "SL-2"},
        ],
    )
    unit = Lot.objects.get(number="S-1")
    lot = ReceiptLine.objects.get(receipt=receipt, order_line__position=2).lot
    with CaptureQueriesContext(connection) as queries:
        (row,) = suppliers([], [unit.pk, lot.pk])
    assert len(queries) <= 4
    assert set(row.lot_ids) == {unit.pk, lot.pk}
    found = receipts_and_certificates([], [unit.pk, lot.pk])
    by_lot = {row.lot_ids: str(row.detail) for row in found}
    assert "CoC-1" in by_lot[(unit.pk,)]
    assert "SL-2" in by_lot[(lot.pk,)]
    assert "no certificate recorded" in by_lot[(lot.pk,)]


def _taken_back(user: User, receipt: Receipt) -> None:
    declare_wrong(user, receipt.events.get().event, reason="wrong order")


@pytest.mark.urs("TRC-08")
def test_serial_numbers_of_a_receipt_declared_wrong_come_in_again(
    ben: User, ada: User, site: Site
) -> None:
    item = make_item(tracking="serial")
    order = ordered(ben, ada, site, item)
    first = received(ben, order, 1, serials=["S-1"])
    with pytest.raises(NumberTaken):
        received(ben, order, 1, serials=["S-1"])
    _taken_back(ben, first)
    again = received(ben, order, 1, serials=["S-1"], certificate_number="CoA-2")
    unit = Lot.objects.get(number="S-1")
    assert unit.state == "quarantine"
    assert ReceiptLine.objects.filter(lot=unit).count() == 2, "nothing was erased"
    assert ReceiptLine.objects.standing().get(lot=unit).receipt == again
    found = receipt_line_of(unit)
    assert found is not None
    assert found.receipt == again
    assert Balance.objects.get(lot=unit, quantity__gt=0).quantity == 1
    with pytest.raises(NumberTaken):
        received(ben, order, 1, serials=["S-1"])


@pytest.mark.parametrize("tracking", ["serial", "both"])
def test_a_lot_of_units_declared_wrong_comes_in_again_with_its_units(
    ben: User, ada: User, site: Site, tracking: str
) -> None:
    item = make_item(tracking=tracking)
    order = ordered(ben, ada, site, item)
    named = {"number": "B-7"} if tracking == "both" else {}
    first = received(ben, order, 2, serials=["S-1", "S-2"], **named)
    _taken_back(ben, first)
    assert never_made([first.lines.get().lot_id])
    again = received(ben, order, 2, serials=["S-1", "S-2"], **named)
    batch = again.lines.get().lot
    units = Lot.objects.filter(number__in=["S-1", "S-2"])
    assert {unit.batch for unit in units} == {batch}
    assert never_made([batch.pk, *(unit.pk for unit in units)]) == frozenset()
    assert (batch == first.lines.get().lot) is (tracking == "both")


def test_a_lot_of_which_one_unit_stands_was_made(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site, make_item(tracking="both"))
    batch = received(ben, order, 2, serials=["S-1", "S-2"]).lines.get().lot
    assert never_made([batch.pk]) == frozenset()


def test_a_receipt_declared_wrong_says_so_and_brings_nothing(
    ben: User, ada: User, site: Site, client: Client
) -> None:
    order = ordered(ben, ada, site, make_item())
    receipt = received(ben, order, 40, number="L-77")
    lot = receipt.lines.get().lot
    client.force_login(ben)
    assert client.get(f"/api/v1/receipts/{receipt.pk}/").json()["declared_wrong"] is False
    assert len(suppliers([], [lot.pk])) == len(receipts_and_certificates([], [lot.pk])) == 1
    _taken_back(ben, receipt)
    told = client.get(f"/api/v1/receipts/{receipt.pk}/").json()
    assert (told["declared_wrong"], told["lot_count"], told["lines"]) == (True, 0, [])
    page = client.get(f"/receipts/{receipt.pk}/").content.decode()
    assert "declared wrong" in page
    assert "Recorded by mistake" in page
    assert "declared wrong" in client.get("/receipts/").content.decode()
    assert suppliers([], [lot.pk]) == receipts_and_certificates([], [lot.pk]) == []
    assert receipt_line_of(lot) is None
