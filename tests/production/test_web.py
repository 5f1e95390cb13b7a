"""The pages and doors of production, with real orders behind them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.test import Client

from erp.accounts.models import Site, User
from erp.production.models import WorkOrder
from erp.production.operations import (
    receive_from_subcontractor,
    report_production,
    require_process,
    send_to_subcontractor,
)
from erp.production.trace import cycle_events, process_cycles, work_order_events, work_orders
from erp.ui.home import SOURCES
from tests.conftest import ctx_for
from tests.production.builders import planned, running, serials, subcontractor_place, used
from traceability.models import Lot


@pytest.fixture
def browser(ada: User) -> Client:
    """Return a browser in which Ada is signed in."""
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def order(ada: User, site: Site) -> WorkOrder:
    """An order with two units, of which the lot went out and came back."""
    order, lot = running(ada, site, quantity=5, issued=8)
    assert order.batch is not None
    require_process(ctx_for(ada), item_id=order.item_id, kind="sterilisation")
    report_production(
        ctx_for(ada),
        work_order_id=order.pk,
        units=serials(2),
        consumed=used((lot, 3)),
        scrap_reason="burr",
        scrapped=Decimal(1),
    )
    cycle = send_to_subcontractor(
        ctx_for(ada),
        lot_id=order.batch.pk,
        kind="sterilisation",
        place_id=subcontractor_place(site).pk,
    )
    receive_from_subcontractor(
        ctx_for(ada),
        cycle_id=cycle.pk,
        cycle_number="EO-881",
        conforming=True,
        parameters=[{"name": "dose", "value": "27.1", "unit": "kGy", "lower": "25", "upper": ""}],
    )
    return order


def page(browser: Client, url: str) -> str:
    """Return the text of a page that must be there."""
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


@pytest.mark.urs("PRD-03")
def test_the_page_of_an_order_shows_its_whole_batch_record(
    browser: Client, order: WorkOrder
) -> None:
    text = page(browser, f"/work-orders/{order.pk}/")
    for word in ("burr", "At the line", order.batch_number, "Report production", "Units"):
        assert word in text


def test_the_page_of_a_cycle_shows_parameters_and_load(browser: Client, order: WorkOrder) -> None:
    cycle = order.batch.process_cycles.get()  # type: ignore[union-attr]
    text = page(browser, f"/process-cycles/{cycle.pk}/")
    for word in ("dose", "in limits", "EO-881", "Load"):
        assert word in text
    page(browser, f"/partners/{cycle.partner_id}/")


def test_the_pages_of_lots_and_items_say_where_they_were_made(
    browser: Client, order: WorkOrder
) -> None:
    unit = Lot.objects.filter(batch=order.batch)[0]
    for lot in (unit, order.batch):
        text = page(browser, f"/lots/{lot.pk}/")  # type: ignore[union-attr]
        assert order.number in text
        assert "Processes" in text
    material = Lot.objects.filter(site=order.site).exclude(item=order.item)[0]
    assert "Issued to" in page(browser, f"/lots/{material.pk}/")
    assert "Before release" in page(browser, f"/items/{order.item_id}/")


def test_lists_dialogs_and_home_open(
    browser: Client, ada: User, ben: User, order: WorkOrder
) -> None:
    new = planned(ada, order.site, order.item)
    for url in (
        f"/work-orders/?state=started&item={order.item_id}&site={order.site_id}",
        "/process-cycles/?kind=sterilisation",
        "/do/production.plan_work_order/",
        f"/do/production.report_production/{order.pk}/",
        f"/do/production.issue_material/{order.pk}/",
        f"/do/production.complete_work_order/{order.pk}/",
        f"/do/production.start_work_order/{new.pk}/",
        "/",
    ):
        page(browser, url)
    queues = {source.code: source for source in SOURCES}
    actor = ctx_for(ben).actor
    assert list(queues["work-orders-to-start"].rows(actor)) == [new]
    assert list(queues["work-orders-to-complete"].rows(actor)) == [order]
    assert not queues["batches-at-subcontractor"].rows(actor)


def test_the_api_reports_units_and_refuses_with_reasons(browser: Client, order: WorkOrder) -> None:
    url = f"/api/v1/work-orders/{order.pk}/report/"
    body = json.dumps({"units": serials(2)})
    answer = browser.post(url, body, content_type="application/json")
    assert answer.status_code in {200, 201}, answer.content
    body = json.dumps({"units": serials(9)})
    answer = browser.post(url, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "production.more_than_planned")


def test_a_trace_may_start_from_an_order_or_a_cycle(order: WorkOrder) -> None:
    cycle = order.batch.process_cycles.get()  # type: ignore[union-attr]
    events = work_order_events([order.pk], None, None)
    assert set(events.values_list("biz_step", flat=True)) == {"picking", "commissioning"}
    assert cycle_events([cycle.pk], None, None).count() == 2
    ids = list(events.values_list("pk", flat=True))
    lots = [order.batch_id] if order.batch_id else []
    assert [row.label for row in work_orders(ids, lots)] == [order.number]
    assert [row.label for row in process_cycles(ids, lots)] == [cycle.number]
