"""Pages, lists and API of purchasing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.core import clock
from erp.ui.home import SOURCES
from erp.ui.records import View
from procurement.models import PurchaseOrderLine, Receipt
from procurement.operations import suspend_supplier
from procurement.records.elsewhere import (
    approvals_of_partner,
    orders_of_partner,
    receipt_of_lot,
    suppliers_of_item,
)
from tests.conftest import ctx_for
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item, make_partner, place
from tests.procurement.builders import approved, delivered, drafted, in_days, ordered, received
from traceability.models import Lot

pytestmark = pytest.mark.django_db

NOUNS = ("supplier-approvals", "purchase-orders", "receipts")


def _browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _api(client: Client, address: str) -> Any:
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def _post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/{address}", json.dumps(body), content_type="application/json")


@pytest.fixture
def receipt(ben: User, ada: User, site: Site) -> Receipt:
    """Return a receipt of half an order."""
    return received(ben, ordered(ben, ada, site), 50, supplier_lot="SL-1", certificate_number="C-1")


@pytest.mark.parametrize("noun", NOUNS)
def test_lists_show_what_is_ours_and_hide_it_from_dan(
    ben: User, dan: User, receipt: Receipt, noun: str
) -> None:
    order = receipt.order
    ours = {"receipts": receipt.number, "purchase-orders": order.number}.get(noun)
    page = _browser(ben).get(f"/{noun}/")
    assert page.status_code == 200
    if ours:
        assert ours in page.content.decode()
        assert ours not in _browser(dan).get(f"/{noun}/").content.decode()


def test_record_pages_stand_and_are_not_found_by_dan(
    ben: User, dan: User, receipt: Receipt
) -> None:
    approval = receipt.order.lines.get().approval
    assert approval is not None
    pages = [
        f"/receipts/{receipt.pk}/",
        f"/purchase-orders/{receipt.order_id}/",
        f"/supplier-approvals/{approval.pk}/",
    ]
    assert [_browser(ben).get(page).status_code for page in pages] == [200, 200, 200]
    assert [_browser(dan).get(page).status_code for page in pages] == [404, 404, 200]


def test_the_api_gives_an_order_with_its_lines(ben: User, receipt: Receipt) -> None:
    body = _api(_browser(ben), f"purchase-orders/{receipt.order_id}/")
    (line,) = body["lines"]
    assert (body["state"], line["quantity"], line["received"]) == ("ordered", "100", "50")
    assert line["revision"] == "A"


def test_the_api_gives_a_receipt_with_its_lots(ben: User, receipt: Receipt) -> None:
    body = _api(_browser(ben), f"receipts/{receipt.pk}/")
    (line,) = body["lines"]
    assert (body["lot_count"], body["lines_complete"]) == (1, True)
    assert (line["supplier_lot"], line["certificate_number"]) == ("SL-1", "C-1")


@pytest.mark.urs("INT-01")
def test_ordering_and_receiving_pass_through_the_api(ben: User, ada: User, site: Site) -> None:
    item = make_item(tracking="serial")
    approval = approved(ben, ada, item)
    client = _browser(ben)
    line = {"item_id": item.code, "quantity": "2", "due_on": in_days(3).isoformat()}
    order = {"supplier_id": approval.supplier.code, "site_id": site.code, "lines": [line]}
    placed = _post(client, "purchase-orders/place/", order)
    assert placed.status_code == 201, placed.content
    where = place(site, "quarantine").code
    arrived = {"location_id": where, "lines": [{"line": 1, "quantity": "2", "serials": ["1", "2"]}]}
    came = _post(client, f"purchase-orders/{placed.json()['id']}/receive/", arrived)
    assert came.status_code == 201, came.content
    (row,) = came.json()["lines"]
    delivery = Lot.objects.get(pk=row["lot"]["id"])
    assert sorted(delivery.members.values_list("number", flat=True)) == ["1", "2"]


def test_a_refusal_lists_its_blockers_as_a_problem(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site)
    approval = order.lines.get().approval
    assert approval is not None
    suspend_supplier(ctx_for(ben, reason="audit"), approval_id=approval.pk)
    where = place(site, "quarantine").code
    body = {"location_id": where, "lines": [{"line": 1, "quantity": "101"}]}
    refused = _post(_browser(ben), f"purchase-orders/{order.pk}/receive/", body)
    assert refused.status_code == 409
    codes = {blocker["code"] for blocker in refused.json()["blockers"]}
    assert codes == {"supplier.suspended", "receipt.over_delivery"}


def test_the_dialog_of_a_delivery_is_filled_with_what_is_open(ben: User, receipt: Receipt) -> None:
    page = _browser(ben).get(f"/do/procurement.receive_goods/{receipt.order_id}/")
    assert page.status_code == 200
    assert 'value="50"' in page.content.decode()


@pytest.mark.parametrize(
    ("noun", "query", "count"),
    [
        ("purchase-orders", "state=ordered", 1),
        ("purchase-orders", "state=cancelled", 0),
        ("purchase-orders", "overdue=yes", 0),
        ("supplier-approvals", "validity=soon", 0),
        ("supplier-approvals", "state=withdrawn&risk=high", 0),
        ("receipts", "search=RC-", 1),
    ],
)
def test_filters_keep_what_they_say(
    ben: User, receipt: Receipt, noun: str, query: str, count: int
) -> None:
    assert _api(_browser(ben), f"{noun}/?{query}")["count"] == count


@pytest.mark.parametrize("noun", NOUNS)
def test_a_list_costs_the_same_for_two_and_for_twenty(
    ben: User, ada: User, site: Site, noun: str
) -> None:
    client = _browser(ben)

    def cost() -> int:
        with CaptureQueriesContext(connection) as page:
            assert client.get(f"/{noun}/").status_code == 200
        with CaptureQueriesContext(connection) as api:
            _api(client, f"{noun}/")
        return len(page) + len(api)

    for _n in range(2):
        received(ben, ordered(ben, ada, site), 1)
    cost()
    few = cost()
    for _n in range(6):
        received(ben, ordered(ben, ada, site, make_item(), make_item()), 1)
    assert cost() == few


def test_a_large_receipt_says_what_the_api_leaves_out(ben: User, ada: User, site: Site) -> None:
    items = [make_item() for _ in range(150)]
    lines = [{"line": n, "quantity": 1} for n in range(1, 151)]
    receipt = delivered(ben, ordered(ben, ada, site, *items), lines)
    body = _api(_browser(ben), f"receipts/{receipt.pk}/")
    assert (body["lot_count"], len(body["lines"]), body["lines_complete"]) == (150, 100, False)


@pytest.mark.urs("TRC-09")
def test_a_unit_says_by_which_receipt_its_lot_came(ben: User, ada: User, site: Site) -> None:
    order = ordered(ben, ada, site, make_item(tracking="both"))
    line = {"line": 1, "quantity": 1, "serials": ["S-1"], "certificate_number": "CoC-7"}
    delivered(ben, order, [line])
    section = receipt_of_lot(View(ctx_for(ben).actor, Lot.objects.get(number="S-1")))
    assert section is not None
    facts = {str(fact.label): fact.value for fact in section.facts or ()}
    assert facts["Certificate"].text == "CoC-7"
    assert facts["Purchase order"].text == order.number
    assert str(order.supplier) in facts["Supplier"].text


def test_a_lot_that_was_made_here_has_no_receipt(ben: User, site: Site) -> None:
    assert receipt_of_lot(View(ctx_for(ben).actor, lot_in_stock(ben, site))) is None


def test_partner_and_item_show_approvals_and_orders(ben: User, ada: User, site: Site) -> None:
    item = make_item()
    order = ordered(ben, ada, site, item)
    actor = ctx_for(ben).actor
    supplier = View(actor, order.supplier)
    found = [
        approvals_of_partner(supplier),
        orders_of_partner(supplier),
        suppliers_of_item(View(actor, item)),
    ]
    assert [section.count for section in found if section] == [1, 1, 1]


def test_a_customer_shows_neither(ben: User, site: Site) -> None:
    customer = View(ctx_for(ben).actor, make_partner(is_supplier=False))
    assert approvals_of_partner(customer) is None
    assert orders_of_partner(customer) is None
    assert suppliers_of_item(View(customer.actor, make_item())) is None


def _waiting(code: str, user: User) -> list[Any]:
    source = next(s for s in SOURCES if s.code == code)
    return list(source.rows(ctx_for(user).actor))


def test_home_lists_late_orders_and_approvals_to_sign_or_renew(
    ben: User, ada: User, dan: User, site: Site
) -> None:
    order = ordered(ben, ada, site)
    PurchaseOrderLine.objects.filter(order=order).update(due_on=in_days(-1))
    draft = drafted(ben)
    ending = approved(ben, ada, valid_until=clock.today())
    assert _waiting("procurement.overdue", ben) == [order]
    assert _waiting("procurement.overdue", dan) == []
    assert draft in _waiting("procurement.to_approve", ada)
    assert draft not in _waiting("procurement.to_approve", ben)
    assert ending in _waiting("procurement.ending", ada)
    assert ending not in _waiting("procurement.expired", ada)


def test_the_dialog_of_a_delivery_offers_the_items_of_its_order(
    ben: User, ada: User, site: Site
) -> None:
    order, stranger = ordered(ben, ada, site), make_item()
    (wanted,) = {line.item for line in order.lines.all()}
    page = _browser(ben).get(f"/do/procurement.receive_goods/{order.pk}/").content.decode()
    assert wanted.code in page
    assert stranger.code not in page
