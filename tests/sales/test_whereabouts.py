"""A trace says where each lot and unit is now: in which store, with which consignee."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.accounts.queries import actor_for
from erp.inventory.models import Balance
from erp.sales.operations import confirm_delivery, return_goods, ship_order
from tests.conftest import ctx_for
from tests.sales.builders import make_device, ordered, promise, shipped, units_in_stock
from tests.traceability.builders import make_lots, make_units
from traceability.models import Lot
from traceability.whereabouts import places_of

pytestmark = pytest.mark.django_db


def said(lot: Lot, reader: User) -> list[str]:
    """Return the places of a lot in words, as this person reads them."""
    return [str(place) for place in places_of(actor_for(reader), [lot.pk]).get(lot.pk, ())]


def store_of(lot: Lot) -> str:
    """Return the code of the place where a lot lies."""
    place: str = Balance.objects.get(lot=lot, quantity__gt=0).location.code
    return place


@pytest.mark.urs("TRC-04")
def test_what_is_left_is_in_the_store_and_the_rest_with_its_consignee(
    ben: User, site: Site
) -> None:
    shipment, lot = shipped(ben, site, stock=100, quantity=10)
    assert said(lot, ben) == [f"{store_of(lot)}: 90", f"on the way to {shipment.ship_to_name}: 10"]
    confirm_delivery(ctx_for(ben), shipment_id=shipment.pk, received_by="Pharmacy")
    assert said(lot, ben) == [f"{store_of(lot)}: 90", f"{shipment.ship_to_name}: 10"]


@pytest.mark.urs("TRC-04")
def test_a_unit_that_came_back_is_no_longer_with_its_consignee(ben: User, site: Site) -> None:
    item = make_device("DE")
    sent, back = units_in_stock(ben, site, item, 2)
    order = ordered(ben, site, item, quantity=2)
    promise(ben, order, (sent, 1), (back, 1))
    shipment = ship_order(ctx_for(ben), order_id=order.pk)
    lines = [{"lot_id": back.pk, "quantity": 1}]
    return_goods(ctx_for(ben, reason="opened"), shipment_id=shipment.pk, lines=lines)
    assert said(sent, ben) == [f"on the way to {shipment.ship_to_name}: 1"]
    assert said(back, ben) == [f"{store_of(back)}: 1"]


def test_a_lot_of_units_is_where_its_units_are(ben: User, site: Site) -> None:
    batch = make_lots(ben, site, 1)[0]
    make_units(ben, site, batch, 3)
    assert said(batch, ben) == ["in its units: 3"]
    assert said(make_lots(ben, site, 1)[0], ben) == []


@pytest.mark.urs("TRC-04")
def test_a_store_of_another_site_is_not_named(ben: User, dan: User, site: Site) -> None:
    shipment, lot = shipped(ben, site, stock=100, quantity=10)
    places = places_of(actor_for(dan), [lot.pk])[lot.pk]
    assert [str(place) for place in places] == [
        "at a site you may not see: 90",
        f"on the way to {shipment.ship_to_name}: 10",
    ]
    assert {place.url for place in places} == {""}


def test_where_lots_are_costs_the_same_queries_however_many_there_are(
    ben: User, site: Site
) -> None:
    units = units_in_stock(ben, site, make_device("DE"), 6)
    with CaptureQueriesContext(connection) as few:
        places_of(actor_for(ben), [units[0].pk])
    with CaptureQueriesContext(connection) as many:
        places_of(actor_for(ben), [unit.pk for unit in units])
    assert len(few) == len(many)


@pytest.mark.urs("TRC-04")
def test_page_and_file_of_a_trace_name_the_consignee(ben: User, site: Site) -> None:
    shipment, lot = shipped(ben, site)
    browser = Client()
    browser.force_login(ben)
    page = browser.get(f"/trace/?start=lot:{lot.pk}").content.decode()
    table = page.partition('id="lots"')[2].partition("</table>")[0]
    assert f'href="/shipments/{shipment.pk}/"' in table
    answer = browser.get(f"/trace/export.csv?start=lot:{lot.pk}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO("\n".join(text.splitlines()[:2])))
    assert row["now_at"] == "; ".join(said(lot, ben))
