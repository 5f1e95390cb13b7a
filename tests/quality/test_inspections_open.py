"""Inspections open by themselves when goods arrive and when a work order is completed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import Site, User
from quality.inspection.models import Inspection
from quality.inspection.steps import open_inspections
from tests.conftest import ctx_for
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item
from tests.procurement.builders import ordered
from tests.procurement.builders import received as received_goods
from tests.quality.builders import finished, plan, product, received, reported, started


@pytest.mark.urs("QMS-02")
def test_a_receipt_opens_one_inspection_per_lot(ada: User, ben: User, site: Site) -> None:
    item = make_item()
    written = plan(ben, item)
    lot = received(ada, ben, site, item, quantity=40)
    inspection = Inspection.objects.get(lot=lot)
    assert (inspection.stage, inspection.plan, inspection.site) == ("incoming", written, site)
    assert (inspection.quantity, inspection.state) == (Decimal(40), "open")


def test_items_not_inspected_at_receipt_wait_for_release_only(
    ada: User, ben: User, site: Site
) -> None:
    lot = received(ada, ben, site, make_item(inspection_required=False))
    assert lot.state == "quarantine"
    assert not Inspection.objects.filter(lot=lot).exists()


def test_units_of_a_received_lot_are_inspected_with_it(ada: User, ben: User, site: Site) -> None:
    item = make_item(tracking="both")
    lot = received(ada, ben, site, item, quantity=2, serials=["A1", "A2"])
    inspection = Inspection.objects.get()
    assert (inspection.lot, inspection.quantity) == (lot, Decimal(2))


@pytest.mark.urs("QMS-02")
def test_units_received_together_are_the_population_of_one_inspection(
    ada: User, ben: User, site: Site
) -> None:
    serials = [f"U-{n}" for n in range(30)]
    order = ordered(ben, ada, site, make_item(tracking="serial"), quantity=30)
    lot = received_goods(ben, order, 30, serials=serials).lines.get().lot
    inspection = Inspection.objects.get()
    assert (inspection.lot, inspection.quantity) == (lot, Decimal(30))
    assert sorted(lot.members.values_list("number", flat=True)) == sorted(serials)


def test_a_completed_product_is_inspected_finally(ben: User, site: Site) -> None:
    batch = finished(ben, site)
    inspection = Inspection.objects.get(lot=batch)
    assert (inspection.stage, inspection.quantity) == ("final", Decimal(3))


@pytest.mark.parametrize("planned", [True, False])
def test_other_makes_are_inspected_where_a_plan_asks_for_it(
    ben: User, site: Site, *, planned: bool
) -> None:
    item = product(kind="semi", tracking="lot")
    if planned:
        plan(ben, item, stage="final")
    batch = reported(ben, *started(ben, site, item))
    assert Inspection.objects.filter(lot=batch).exists() is planned


def test_a_further_delivery_joins_the_open_inspection(ada: User, site: Site) -> None:
    lot = lot_in_stock(ada, site, state="quarantine", quantity=5)
    for _delivery in range(2):
        open_inspections(ctx_for(ada), [lot], "incoming", site.pk)
    assert Inspection.objects.get(lot=lot).quantity == 5


def test_opening_many_costs_no_more_queries_than_opening_one(ada: User, site: Site) -> None:
    def queries(count: int) -> int:
        lots: list[Any] = [lot_in_stock(ada, site, state="quarantine") for _n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            open_inspections(ctx_for(ada), lots, "incoming", site.pk)
        return len(captured)

    assert queries(1) == queries(12)
