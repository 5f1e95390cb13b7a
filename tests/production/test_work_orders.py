"""Work orders: planned by the effective revision, started into a lot, completed when settled."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp.accounts.models import Site, User
from erp.core.errors import Blocked, IllegalStep, InvalidInput, NotFound, NotPermitted
from erp.inventory.models import Balance
from erp.masterdata.models import ItemRevision
from erp.production.errors import NoEffectiveRevision
from erp.production.events import WorkOrderCompleted
from erp.production.operations import (
    cancel_work_order,
    complete_work_order,
    plan_work_order,
    report_production,
    return_material,
    start_work_order,
)
from tests.conftest import ctx_for
from tests.masterdata.builders import make_item, place
from tests.production.builders import make_product, planned, running, serials, started, used
from traceability.models import Lot


@pytest.mark.urs("PRD-01")
def test_an_order_freezes_the_effective_revision_and_its_material(ben: User, site: Site) -> None:
    steel, resin = make_item(), make_item(unit="kg")
    product = make_product(steel, resin, each="0.5")
    order = planned(ben, site, product, quantity=8)
    ItemRevision.objects.filter(item=product).update(state="superseded")
    assert order.number.startswith("WO-")
    assert order.revision.revision == "A"
    assert {m.component: m.quantity for m in order.materials.all()} == {steel: 4, resin: 4}


def test_an_item_without_effective_revision_cannot_be_made(ben: User, site: Site) -> None:
    product = make_product()
    ItemRevision.objects.filter(item=product).update(state="superseded")
    with pytest.raises(NoEffectiveRevision):
        planned(ben, site, product)


def test_half_a_piece_cannot_be_planned(ben: User, site: Site) -> None:
    with pytest.raises(Exception, match="finer than the unit allows"):
        planned(ben, site, make_product(), quantity="1.5")


def test_the_lot_is_made_at_the_start_in_quarantine_with_its_expiry(ben: User, site: Site) -> None:
    order = planned(ben, site, make_product(shelf_life_days=365))
    at = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    order = start_work_order(ctx_for(ben, at=at), work_order_id=order.pk)
    batch = order.batch
    assert batch is not None
    assert (batch.kind, batch.state, batch.number) == ("lot", "quarantine", order.batch_number)
    assert batch.manufactured_on == dt.date(2026, 3, 1)
    assert batch.expires_on == dt.date(2027, 3, 1)
    assert batch.udi_pi == f"(11)260301(17)270301(10){batch.number}"
    assert order.started_at == at


def test_an_order_starts_once(ben: User, site: Site) -> None:
    order = started(ben, site, make_product())
    with pytest.raises(IllegalStep):
        start_work_order(ctx_for(ben), work_order_id=order.pk)


def test_a_lot_number_is_never_given_twice(ben: User, site: Site) -> None:
    product = make_product()
    first, second = (
        plan_work_order(
            ctx_for(ben),
            item_id=product.pk,
            quantity=Decimal(1),
            site_id=site.pk,
            batch_number="B-1",
        )
        for _ in range(2)
    )
    start_work_order(ctx_for(ben), work_order_id=first.pk)
    with pytest.raises(Exception, match="B-1"):
        start_work_order(ctx_for(ben), work_order_id=second.pk)


@pytest.mark.urs("PRD-03")
def test_an_order_is_completed_when_everything_issued_was_used_or_returned(
    ben: User, site: Site, told: list[object]
) -> None:
    order, lot = running(ben, site, quantity=2, issued=10)
    report_production(
        ctx_for(ben), work_order_id=order.pk, units=serials(2), consumed=used((lot, 6))
    )
    with pytest.raises(Blocked) as refusal:
        complete_work_order(ctx_for(ben), work_order_id=order.pk)
    assert [b.code for b in refusal.value.blockers] == ["production.material_not_settled"]
    return_material(
        ctx_for(ben),
        work_order_id=order.pk,
        lot_id=lot.pk,
        quantity=Decimal(4),
        to_location_id=place(site, "storage").pk,
    )
    order = complete_work_order(ctx_for(ben), work_order_id=order.pk)
    assert order.state == "completed"
    assert WorkOrderCompleted(order.pk, order.batch_id or 0) in told
    assert {(b.location.kind, b.quantity) for b in Balance.objects.filter(lot=lot)} == {
        ("storage", Decimal(4)),
        ("line", Decimal(0)),
    }


def test_all_reasons_against_completion_come_together(ben: User, site: Site) -> None:
    material, never = make_item(), make_item()
    order = started(ben, site, make_product(material, never), quantity=1)
    with pytest.raises(Blocked) as refusal:
        complete_work_order(ctx_for(ben), work_order_id=order.pk)
    assert [b.code for b in refusal.value.blockers] == ["production.nothing_reported"]
    report_production(ctx_for(ben), work_order_id=order.pk, units=serials(1))
    with pytest.raises(Blocked) as refusal:
        complete_work_order(ctx_for(ben), work_order_id=order.pk)
    assert [b.code for b in refusal.value.blockers] == ["production.component_never_used"] * 2


def test_an_order_with_work_done_cannot_be_cancelled(ben: User, site: Site) -> None:
    order, lot = running(ben, site, issued=5)
    report_production(
        ctx_for(ben), work_order_id=order.pk, units=serials(1), consumed=used((lot, 1))
    )
    with pytest.raises(Blocked) as refusal:
        cancel_work_order(ctx_for(ben, reason="no demand"), work_order_id=order.pk)
    codes = [b.code for b in refusal.value.blockers]
    assert codes == ["production.already_reported", "production.material_at_line"]


def test_cancelling_needs_a_reason_and_is_final(ben: User, site: Site) -> None:
    order = planned(ben, site, make_product())
    with pytest.raises(InvalidInput):
        cancel_work_order(ctx_for(ben), work_order_id=order.pk)
    cancel_work_order(ctx_for(ben, reason="no demand"), work_order_id=order.pk)
    with pytest.raises(IllegalStep):
        start_work_order(ctx_for(ben), work_order_id=order.pk)
    assert not Lot.objects.filter(item=order.item).exists()


@pytest.mark.urs("SEC-01")
def test_the_wrong_person_cannot_plan_or_start(
    ben: User, cleo: User, dan: User, site: Site
) -> None:
    product = make_product()
    order = planned(ben, site, product)
    with pytest.raises(NotPermitted):
        planned(cleo, site, product)
    with pytest.raises((NotPermitted, InvalidInput)):
        planned(dan, site, product)
    with pytest.raises(NotFound):
        start_work_order(ctx_for(dan), work_order_id=order.pk)
