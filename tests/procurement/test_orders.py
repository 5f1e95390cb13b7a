"""Purchase orders: only within a supplier's approval, and what ends them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.errors import Blocked, IllegalStep, InvalidInput, NotFound, NotPermitted
from erp.inventory.errors import TooFine
from erp.masterdata.models import ItemRevision
from erp.operations.availability import blockers_of
from procurement.errors import AlreadyReceived, NothingReceived
from procurement.models import PurchaseOrder
from procurement.operations import cancel_order, close_order, place_order, suspend_supplier
from tests.conftest import ctx_for
from tests.masterdata.builders import make_item, make_partner
from tests.procurement.builders import approved, drafted, in_days, ordered, received

pytestmark = [pytest.mark.django_db, pytest.mark.urs("PRC-01")]


def _place(user: User, site: Site, supplier_id: int, *items: Any, **line: Any) -> PurchaseOrder:
    lines: Any = [{"item_id": i.pk, "quantity": "10", "due_on": in_days(7), **line} for i in items]
    return place_order(ctx_for(user), supplier_id=supplier_id, site_id=site.pk, lines=lines)


def _blockers(user: User, site: Site, supplier_id: int, *items: Any) -> list[str]:
    with pytest.raises(Blocked) as refusal:
        _place(user, site, supplier_id, *items)
    return [b.code for b in refusal.value.blockers]


def test_an_order_keeps_revision_and_approval_of_its_moment(
    ben: User, ada: User, site: Site
) -> None:
    item = make_item()
    approval = approved(ben, ada, item)
    order = _place(ben, site, approval.supplier_id, item, unit_price="1.25")
    line = order.lines.get()
    assert order.number.startswith("PO-")
    assert (order.state, order.ordered_by_id) == ("ordered", ben.pk)
    assert (line.revision.revision, line.approval_id) == ("A", approval.pk)
    assert (line.quantity, line.unit_price) == (Decimal(10), Decimal("1.25"))


@pytest.mark.urs("PRC-04")
def test_only_an_approved_supplier_gets_an_order(ben: User, ada: User, site: Site) -> None:
    item, supplier = make_item(), make_partner()
    assert _blockers(ben, site, supplier.pk, item) == ["supplier.not_approved"]
    drafted(ben, item, supplier=supplier)
    assert _blockers(ben, site, supplier.pk, item) == ["supplier.not_approved"]


@pytest.mark.urs("PRC-04")
def test_only_within_the_scope_of_the_approval(ben: User, ada: User, site: Site) -> None:
    inside, outside, beside = make_item(), make_item(), make_item()
    approval = approved(ben, ada, inside)
    found = _blockers(ben, site, approval.supplier_id, inside, outside, beside)
    assert found == ["supplier.not_approved", "supplier.not_approved"]


@pytest.mark.urs("PRC-04")
def test_only_while_the_approval_is_valid(ben: User, ada: User, site: Site) -> None:
    item = make_item()
    approval = approved(ben, ada, item, valid_until=in_days(30))
    with time_machine.travel(clock.now().replace(hour=12) + (in_days(31) - clock.today())):
        found = _blockers(ben, site, approval.supplier_id, item)
    assert found == ["supplier.approval_expired"]


@pytest.mark.urs("PRC-04")
def test_a_suspended_supplier_gets_no_order_and_the_approval_is_named(
    ben: User, ada: User, site: Site
) -> None:
    item = make_item()
    approval = approved(ben, ada, item)
    suspend_supplier(ctx_for(ben, reason="recall of theirs"), approval_id=approval.pk)
    with pytest.raises(Blocked) as refusal:
        _place(ben, site, approval.supplier_id, item)
    (blocker,) = refusal.value.blockers
    assert blocker.code == "supplier.suspended"
    assert blocker.record is not None
    assert blocker.record.label == approval.number


def test_what_has_no_effective_revision_cannot_be_ordered(ben: User, ada: User, site: Site) -> None:
    item = make_item()
    ItemRevision.objects.filter(item=item).update(state="superseded")
    supplier = make_partner()
    assert set(_blockers(ben, site, supplier.pk, item)) == {
        "supplier.not_approved",
        "item.no_effective_revision",
    }


def test_nothing_is_left_of_a_refused_order(ben: User, site: Site) -> None:
    _blockers(ben, site, make_partner().pk, make_item())
    assert not PurchaseOrder.objects.filter(site=site).exists()


def test_dates_in_the_past_are_named_by_row(ben: User, ada: User, site: Site) -> None:
    item = make_item()
    approval = approved(ben, ada, item)
    with pytest.raises(InvalidInput) as refusal:
        _place(ben, site, approval.supplier_id, item, due_on=in_days(-1))
    assert [(f.name, f.row) for f in refusal.value.faults] == [("lines.due_on", 1)]


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "1.0000001"])
def test_unusable_quantities_are_refused(ben: User, ada: User, site: Site, quantity: str) -> None:
    item = make_item()
    approval = approved(ben, ada, item)
    with pytest.raises(InvalidInput) as refusal:
        _place(ben, site, approval.supplier_id, item, quantity=quantity)
    assert refusal.value.faults[0].name == "lines.quantity"


def test_half_pieces_cannot_be_ordered(ben: User, ada: User, site: Site) -> None:
    item = make_item()
    approval = approved(ben, ada, item)
    with pytest.raises(TooFine):
        _place(ben, site, approval.supplier_id, item, quantity="1.5")


def test_an_order_without_lines_is_no_order(ben: User, ada: User, site: Site) -> None:
    approval = approved(ben, ada)
    with pytest.raises(InvalidInput):
        _place(ben, site, approval.supplier_id)


def test_orders_are_placed_only_for_a_site_one_works_at(
    ben: User, ada: User, dan: User, cleo: User, site: Site
) -> None:
    item = make_item()
    approval = approved(ben, ada, item)
    for person in (dan, cleo):
        with pytest.raises(NotPermitted):
            _place(person, site, approval.supplier_id, item)


def test_an_order_of_another_site_does_not_exist_for_dan(
    ben: User, ada: User, dan: User, site: Site
) -> None:
    order = ordered(ben, ada, site)
    with pytest.raises(NotFound):
        cancel_order(ctx_for(dan, reason="mine"), order_id=order.pk)


def test_a_thousand_lines_cost_as_many_queries_as_ten(ben: User, ada: User, site: Site) -> None:
    items = [make_item() for _n in range(10)]
    approval = approved(ben, ada, *items)
    with CaptureQueriesContext(connection) as few:
        _place(ben, site, approval.supplier_id, *items)
    with CaptureQueriesContext(connection) as many:
        _place(ben, site, approval.supplier_id, *items * 100)
    assert len(many) == len(few)


def test_an_order_is_cancelled_with_a_reason(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site)
    with pytest.raises(InvalidInput):
        cancel_order(ctx_for(ben), order_id=order.pk)
    why = ctx_for(ben, reason="ordered twice")
    assert cancel_order(why, order_id=order.pk).state == "cancelled"
    with pytest.raises(IllegalStep):
        cancel_order(why, order_id=order.pk)


def test_an_order_with_receipts_is_closed_and_not_cancelled(
    ben: User, ada: User, site: Site
) -> None:
    order = ordered(ben, ada, site)
    why = ctx_for(ben, reason="supplier stopped making it")
    with pytest.raises(NothingReceived):
        close_order(why, order_id=order.pk)
    receipt = received(ben, order, 10)
    with pytest.raises(AlreadyReceived) as refusal:
        cancel_order(why, order_id=order.pk)
    assert [b.record.label for b in refusal.value.blockers if b.record] == [receipt.number]
    assert close_order(why, order_id=order.pk).state == "received"


def test_the_dialog_knows_beforehand_what_the_operation_would_say(
    ben: User, ada: User, site: Site
) -> None:
    order = ordered(ben, ada, site)
    actor = ctx_for(ben).actor
    assert [b.code for b in blockers_of(close_order, actor, order)] == ["order.no_receipt"]
    assert list(blockers_of(cancel_order, actor, order)) == []
    received(ben, order, 10)
    assert [b.code for b in blockers_of(cancel_order, actor, order)] == ["order.has_receipt"]


def test_what_is_due_and_open_is_overdue(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site)
    late = in_days(15)
    overdue = PurchaseOrder.objects.filter(site=site).overdue
    assert not overdue(clock.today()).exists()
    assert overdue(late).get() == order
    received(ben, order, 100)
    assert not overdue(late).exists()
