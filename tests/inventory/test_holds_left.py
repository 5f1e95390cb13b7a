"""A hold whose goods are gone says so, and stays until somebody releases it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from erp.inventory.left import whereabouts, with_nothing_left
from erp.inventory.models import Hold, StockStatus
from erp.inventory.operations import hold_lot, place_hold, release_hold
from erp.inventory.removal.operations import count_stock, return_to_supplier, scrap_stock
from tests.conftest import ctx_for, signed
from tests.inventory.builders import declare_wrong, last_event, lot_in_stock
from tests.masterdata.builders import place
from tests.traceability.builders import make_lots
from traceability.models import Lot

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot(ben: User, site: Site) -> Lot:
    """Return a released lot of a hundred in the store."""
    return lot_in_stock(ben, site)


@pytest.fixture
def hold(ben: User, lot: Lot) -> Hold:
    """Return a hold on that lot."""
    return hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")


def scrapped(user: User, lot: Lot, quantity: int = 100) -> None:
    """Scrap a quantity from the store."""
    scrap_stock(
        ctx_for(user, reason="dents"),
        lot_id=lot.pk,
        from_location_id=place(lot.site, "storage").pk,
        status=StockStatus.AVAILABLE,
        quantity=Decimal(quantity),
        witness="Wu Min",
    )


def sent_back(user: User, lot: Lot, quantity: int) -> None:
    """Send a quantity back to the supplier."""
    return_to_supplier(
        ctx_for(user, reason="dents"),
        lot_id=lot.pk,
        from_location_id=place(lot.site, "storage").pk,
        status=StockStatus.AVAILABLE,
        quantity=Decimal(quantity),
    )


def nothing_left(hold: Hold) -> bool:
    """Tell whether the list says that nothing is left."""
    rows = with_nothing_left(Hold.objects.filter(pk=hold.pk))
    return rows.filter(nothing_left=True).exists()


def went(hold: Hold) -> dict[str, int]:
    """Return where the goods under a hold are or went."""
    return {w.kind: int(w.quantity) for w in whereabouts(hold)}


@pytest.mark.urs("INV-02")
def test_scrapped_and_sent_back_nothing_is_left_and_the_hold_stands(
    ben: User, ada: User, lot: Lot, hold: Hold
) -> None:
    scrapped(ben, lot, 60)
    assert (nothing_left(hold), went(hold)) == (False, {"": 40, "scrap": 60})
    sent_back(ben, lot, 40)
    assert (nothing_left(hold), went(hold)) == (True, {"scrap": 60, "supplier": 40})
    assert Hold.objects.open().filter(pk=hold.pk).exists(), "nothing is closed silently"
    release_hold(signed(ada, reason="all destroyed"), hold_id=hold.pk)
    assert not nothing_left(hold)


def test_one_lot_of_two_that_lies_there_is_left(ben: User, site: Site, lot: Lot) -> None:
    other = lot_in_stock(ben, site)
    numbers: Any = [lot.number, other.number]
    hold = place_hold(ctx_for(ben, reason="x"), lots=numbers, cause="quality")
    scrapped(ben, lot)
    assert not nothing_left(hold)
    scrapped(ben, other)
    assert nothing_left(hold)


def test_a_lot_that_was_never_in_stock_is_not_said_to_be_gone(
    ben: User, ada: User, site: Site, lot: Lot
) -> None:
    (elsewhere,) = make_lots(ada, site, 1)
    numbers: Any = [lot.number, elsewhere.number]
    hold = place_hold(ctx_for(ben, reason="x"), lots=numbers, cause="quality")
    scrapped(ben, lot)
    assert not nothing_left(hold)


def test_units_of_a_held_lot_count(ben: User, site: Site) -> None:
    batch = lot_in_stock(ben, site, quantity=1)
    unit = lot_in_stock(ben, site, quantity=1, item=batch.item, kind="serial", batch=batch)
    hold = hold_lot(ctx_for(ben, reason="x"), lot_id=batch.pk, cause="quality")
    scrapped(ben, batch, 1)
    assert (nothing_left(hold), went(hold)) == (False, {"": 1, "scrap": 1})
    scrapped(ben, unit, 1)
    assert (nothing_left(hold), went(hold)) == (True, {"scrap": 2})


def test_what_a_count_missed_may_turn_up(ben: User, lot: Lot, hold: Hold) -> None:
    scrapped(ben, lot, 99)
    count_stock(
        ctx_for(ben, reason="count"),
        lot_id=lot.pk,
        from_location_id=place(lot.site, "storage").pk,
        status=StockStatus.AVAILABLE,
        counted=Decimal(0),
    )
    assert (nothing_left(hold), went(hold)) == (False, {"scrap": 99, "adjustment": 1})


def test_a_scrapping_declared_wrong_brings_the_goods_back(ben: User, lot: Lot, hold: Hold) -> None:
    scrapped(ben, lot)
    assert nothing_left(hold)
    declare_wrong(ben, last_event(lot, "destroying"))
    assert (nothing_left(hold), went(hold)) == (False, {"": 100})


def test_list_page_and_api_say_it(
    ben: User, site: Site, lot: Lot, hold: Hold, client: Client
) -> None:
    other = hold_lot(ctx_for(ben, reason="x"), lot_id=lot_in_stock(ben, site).pk, cause="quality")
    scrapped(ben, lot)
    client.force_login(ben)
    gone = client.get("/holds/?left=nothing").content.decode()
    assert (hold.number in gone, other.number in gone) == (True, False)
    assert "nothing left under it" in gone
    there = client.get("/holds/?left=something").content.decode()
    assert (hold.number in there, other.number in there) == (False, True)
    page = client.get(f"/holds/{hold.pk}/").content.decode()
    assert "nothing left under it" in page
    assert "scrapped or used up by tests" in page
    assert "with signature" in page
    assert client.get(f"/api/v1/holds/{hold.pk}/").json()["nothing_left"] is True
    told = client.get("/api/v1/holds/?left=nothing").json()
    assert [h["number"] for h in told["results"]] == [hold.number]


def test_whereabouts_cost_the_same_for_many_lots(ben: User, site: Site) -> None:
    lots = [lot_in_stock(ben, site) for _ in range(3)]
    counts = []
    for some in (lots[:1], lots):
        numbers: Any = [one.number for one in some]
        hold = place_hold(ctx_for(ben, reason="x"), lots=numbers, cause="quality")
        with CaptureQueriesContext(connection) as queries:
            assert len(whereabouts(hold)) == len(some)
        counts.append(len(queries))
    assert counts == [2, 2]
