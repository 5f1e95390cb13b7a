"""A trace says where each lot and unit is now: in which store, with which consignee."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.inventory.models import Balance
from erp.sales.operations import return_goods, ship_order
from tests.conftest import ctx_for
from tests.sales.builders import make_device, ordered, promise, shipped, units_in_stock
from traceability.models import Lot
from traceability.whereabouts import places_of

pytestmark = pytest.mark.django_db


def said(lot: Lot) -> list[str]:
    """Return the places of a lot in words."""
    return [str(place) for place in places_of([lot.pk]).get(lot.pk, ())]


def store_of(lot: Lot) -> str:
    """Return the code of the place where a lot lies."""
    place: str = Balance.objects.get(lot=lot, quantity__gt=0).location.code
    return place


@pytest.mark.urs("TRC-04")
def test_what_is_left_is_in_the_store_and_the_rest_with_its_consignee(
    ben: User, site: Site
) -> None:
    shipment, lot = shipped(ben, site, stock=100, quantity=10)
    assert said(lot) == [f"{store_of(lot)}: 90", f"{shipment.ship_to_name}: 10"]


@pytest.mark.urs("TRC-04")
def test_a_unit_that_came_back_is_no_longer_with_its_consignee(ben: User, site: Site) -> None:
    item = make_device("DE")
    sent, back = units_in_stock(ben, site, item, 2)
    order = ordered(ben, site, item, quantity=2)
    promise(ben, order, (sent, 1), (back, 1))
    shipment = ship_order(ctx_for(ben), order_id=order.pk)
    lines = [{"lot_id": back.pk, "quantity": 1}]
    return_goods(ctx_for(ben, reason="opened"), shipment_id=shipment.pk, lines=lines)
    assert said(sent) == [f"{shipment.ship_to_name}: 1"]
    assert said(back) == [f"{store_of(back)}: 1"]


def test_where_lots_are_costs_the_same_queries_however_many_there_are(
    ben: User, site: Site
) -> None:
    units = units_in_stock(ben, site, make_device("DE"), 6)
    with CaptureQueriesContext(connection) as few:
        places_of([units[0].pk])
    with CaptureQueriesContext(connection) as many:
        places_of([unit.pk for unit in units])
    assert len(few) == len(many)


@pytest.mark.urs("TRC-04")
def test_page_and_file_of_a_trace_name_the_consignee(ben: User, site: Site) -> None:
    shipment, lot = shipped(ben, site)
    browser = Client()
    browser.force_login(ben)
    page = browser.get(f"/trace/?start=lot:{lot.pk}").content.decode()
    assert f'href="/shipments/{shipment.pk}/"' in page
    answer = browser.get(f"/trace/export.csv?start=lot:{lot.pk}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO("\n".join(text.splitlines()[:2])))
    assert row["now_at"] == "; ".join(said(lot))
