"""Issue by scan: the right item, released, in date, not held, first expiring first."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.errors import Blocked, IllegalStep, NotFound
from erp.inventory.errors import NotEnoughStock, WrongPlace
from erp.inventory.models import Balance
from erp.inventory.operations import hold_lot
from erp.masterdata.models import Item
from erp.production.errors import MoreThanIssued, WrongMaterial
from erp.production.models import WorkOrder
from erp.production.operations import issue_material, return_material
from erp.production.queries import material_of
from tests.conftest import ctx_for
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item, place
from tests.production.builders import issue, make_product, planned, running, started
from traceability.models import Lot

D = Decimal


@pytest.fixture
def material(site: Site) -> Item:
    return make_item()


@pytest.fixture
def order(ben: User, site: Site, material: Item) -> WorkOrder:
    return started(ben, site, make_product(material))


def _days(count: int) -> dt.date:
    return clock.today() + dt.timedelta(days=count)


@pytest.mark.urs("PRD-02")
def test_issued_material_goes_to_the_line_and_on_the_account(
    ben: User, site: Site, order: WorkOrder, material: Item
) -> None:
    lot = lot_in_stock(ben, site, item=material, quantity=50)
    issue(ben, order, lot, 20)
    lying = {(b.location.kind, b.status): b.quantity for b in Balance.objects.filter(lot=lot)}
    assert lying == {("storage", "available"): 30, ("line", "available"): 20}
    (line,) = material_of(order)
    assert (line.planned, line.issued, line.remaining) == (D(10), D(20), D(20))
    event = order.event_links.get().event
    assert (event.biz_step, event.performed_by) == ("picking", ben)


def test_a_wrong_item_is_refused_and_the_right_one_named(
    ben: User, site: Site, order: WorkOrder, material: Item
) -> None:
    wrong = lot_in_stock(ben, site)
    with pytest.raises(WrongMaterial) as refusal:
        issue(ben, order, wrong, 1)
    assert material.code in refusal.value.detail


@pytest.mark.urs("PRD-02")
def test_a_lot_that_is_unreleased_expired_and_held_is_refused_for_all_three(
    ben: User, site: Site, order: WorkOrder, material: Item
) -> None:
    lot = lot_in_stock(ben, site, item=material, state="quarantine", expires_on=_days(-1))
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    with pytest.raises(Blocked) as refusal:
        issue(ben, order, lot, 1)
    codes = {b.code for b in refusal.value.blockers}
    assert codes == {"lot.not_released", "lot.expired", "lot.on_hold"}


def test_a_unit_whose_lot_is_held_cannot_be_issued(
    ben: User, site: Site, order: WorkOrder, material: Item
) -> None:
    batch = lot_in_stock(ben, site, item=material)
    unit = lot_in_stock(ben, site, item=material, quantity=1, kind="serial", batch=batch)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=batch.pk, cause="quality")
    with pytest.raises(Blocked) as refusal:
        issue(ben, order, unit, 1)
    assert [b.code for b in refusal.value.blockers] == ["lot.on_hold"]


@pytest.mark.urs("PRD-02")
def test_the_lot_that_expires_first_goes_first_unless_a_reason_is_given(
    ben: User, site: Site, order: WorkOrder, material: Item
) -> None:
    late = lot_in_stock(ben, site, item=material, expires_on=_days(300))
    early = lot_in_stock(ben, site, item=material, expires_on=_days(30))
    with pytest.raises(Blocked) as refusal:
        issue(ben, order, late, 1)
    (blocker,) = refusal.value.blockers
    assert (blocker.code, blocker.waivable) == ("production.not_fefo", True)
    assert blocker.record is not None
    assert blocker.record.label == early.number
    issue(ben, order, late, 1, reason="the early lot is reserved for a trial")
    issue(ben, order, early, 1)


def test_a_lot_that_cannot_be_used_does_not_count_as_expiring_first(
    ben: User, site: Site, order: WorkOrder, material: Item
) -> None:
    late = lot_in_stock(ben, site, item=material, expires_on=_days(300))
    held = lot_in_stock(ben, site, item=material, expires_on=_days(20))
    lot_in_stock(ben, site, item=material, expires_on=_days(-3))
    lot_in_stock(ben, site, item=material, expires_on=_days(10), state="quarantine")
    hold_lot(ctx_for(ben, reason="dent"), lot_id=held.pk, cause="quality")
    issue(ben, order, late, 1)


def test_more_than_lies_there_is_refused(
    ben: User, site: Site, order: WorkOrder, material: Item
) -> None:
    lot = lot_in_stock(ben, site, item=material, quantity=5)
    with pytest.raises(NotEnoughStock):
        issue(ben, order, lot, 6)


def test_material_is_issued_from_storage_of_the_same_site_only(
    ada: User, site: Site, other_site: Site, order: WorkOrder, material: Item
) -> None:
    lot = lot_in_stock(ada, site, item=material)
    for wrong in (place(site, "line"), place(other_site, "storage")):
        with pytest.raises(WrongPlace):
            issue_material(
                ctx_for(ada),
                work_order_id=order.pk,
                lot_id=lot.pk,
                quantity=D(1),
                from_location_id=wrong.pk,
            )


def test_nothing_is_issued_to_an_order_that_is_not_started(ben: User, site: Site) -> None:
    material = make_item()
    order = planned(ben, site, make_product(material))
    with pytest.raises(IllegalStep):
        issue(ben, order, lot_in_stock(ben, site, item=material), 1)


def test_more_than_was_issued_cannot_come_back(ben: User, site: Site) -> None:
    order, lot = running(ben, site, issued=5)
    with pytest.raises(MoreThanIssued) as refusal:
        _return(ben, order, lot, "6")
    assert [b.code for b in refusal.value.blockers] == ["production.more_than_issued"]
    _return(ben, order, lot, "5")
    (line,) = material_of(order)
    assert line.remaining == 0


def test_held_material_may_go_back_to_storage(ben: User, site: Site) -> None:
    order, lot = running(ben, site, issued=5)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    _return(ben, order, lot, "5")


def test_dan_sees_neither_the_order_nor_the_lot(ben: User, dan: User, site: Site) -> None:
    order, lot = running(ben, site, issued=5)
    with pytest.raises(NotFound):
        _return(dan, order, lot, "1")


def _return(user: User, order: WorkOrder, lot: Lot, quantity: str) -> None:
    return_material(
        ctx_for(user),
        work_order_id=order.pk,
        lot_id=lot.pk,
        quantity=D(quantity),
        to_location_id=place(order.site, "storage").pk,
    )
