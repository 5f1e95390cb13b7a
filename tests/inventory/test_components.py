"""A component is replaced in a unit: as built, as maintained, and where the component was."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from erp.accounts.models import Site, User
from erp.core.errors import Blocked, InvalidInput
from erp.inventory.components.errors import (
    NotAUnit,
    NotInHouse,
    NotInTheUnit,
    NoWitness,
    WrongComponent,
)
from erp.inventory.components.operations import replace_component
from erp.inventory.components.queries import components_of, units_with
from erp.inventory.components.rules import Change, stays
from erp.inventory.models import Removal
from erp.inventory.operations import hold_lot
from erp.inventory.removal.errors import OwnWitness
from erp.production.operations import report_production
from tests.conftest import ctx_for
from tests.inventory.builders import (
    balances,
    declare_wrong,
    last_event,
    lies_balanced,
    lot_in_stock,
)
from tests.masterdata.builders import make_item
from tests.production.builders import issue, make_product, recorded_per_unit, started
from tests.traceability.builders import reached
from tests.ui.conftest import As
from traceability.models import Lot

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
ONE = Decimal(1)


def change(component: int, event: int, quantity: int = 1) -> Change:
    """Return a change at an hour that tells its event."""
    return Change(component, Decimal(quantity), event, NOON + dt.timedelta(hours=event))


def test_what_came_first_goes_first_and_the_rest_stays() -> None:
    told = stays([change(7, 1, 2), change(7, 2, 1)], [change(7, 3, 1)])
    assert [(s.quantity, s.came.event_id, s.current) for s in told] == [
        (Decimal(1), 1, False), (Decimal(1), 1, True), (Decimal(1), 2, True),
    ]  # fmt: skip
    assert told[0].covers(NOON + dt.timedelta(hours=2))
    assert not told[0].covers(NOON + dt.timedelta(hours=3))


@pytest.fixture
def built(ben: User, site: Site, db: None) -> tuple[Lot, Lot, Lot]:
    """Return a unit with its board, and a spare board in the store."""
    board = make_item(tracking="serial")
    product = make_product(board)
    recorded_per_unit(product, board)
    order = started(ben, site, product, quantity=1)
    inside, spare = (
        lot_in_stock(ben, site, item=board, quantity=1, kind="serial", number=f"B{n}")
        for n in (1, 2)
    )
    issue(ben, order, inside, 1)
    parts = [{"lot_id": inside.pk, "quantity": "1"}]
    report_production(
        ctx_for(ben), work_order_id=order.pk, units=[{"serial": "U1", "components": parts}]
    )
    return Lot.objects.get(number="U1"), inside, spare


def replaced(user: User, unit: Lot, out: Lot, into: Lot | None, **more: Any) -> Lot:
    """Replace a component; what comes out goes into quarantine."""
    values = {"fate": "quarantine", "installed_id": into.pk if into else None, **more}
    return replace_component(
        ctx_for(user, reason="no display"), unit_id=unit.pk, removed_id=out.pk, **values
    )


@pytest.mark.urs("TRC-06")
def test_a_unit_knows_what_is_in_it_and_what_was(ben: User, built: tuple[Lot, Lot, Lot]) -> None:
    unit, old, new = built
    replaced(ben, unit, old, new)
    kept = components_of([unit.pk])[unit.pk]
    assert [(s.component_id, s.current) for s in kept] == [(old.pk, False), (new.pk, True)]
    ((in_unit, stay),) = units_with([old.pk])[old.pk]
    assert (in_unit, stay.current) == (unit.pk, False)
    assert {old.pk, new.pk} <= set(reached(ben, [unit], "backward"))
    assert unit.pk in reached(ben, [old], "forward")
    assert unit.pk in reached(ben, [new], "forward")
    assert unit.pk not in reached(ben, [old], "backward"), "nothing of the unit went into it"
    assert lies_balanced(unit, old, new)


@pytest.mark.urs("TRC-06")
def test_the_unit_waits_for_a_new_decision(ben: User, built: tuple[Lot, Lot, Lot]) -> None:
    unit, old, new = built
    Lot.objects.filter(pk=unit.pk).update(state="released")
    replaced(ben, unit, old, new)
    states = {x.number: x.state for x in Lot.objects.filter(number__in=["U1", "B1", "B2"])}
    assert states == {"U1": "quarantine", "B1": "quarantine", "B2": "released"}
    assert balances(unit, old, new) == {
        ("U1", "line", "quarantine"): ONE,
        ("B1", "quarantine", "quarantine"): ONE,
    }


def test_what_is_destroyed_has_another_person_as_witness(
    ben: User, built: tuple[Lot, Lot, Lot]
) -> None:
    unit, old, new = built
    with pytest.raises(NoWitness):
        replaced(ben, unit, old, new, fate="scrap")
    with pytest.raises(OwnWitness):
        replaced(ben, unit, old, new, fate="scrap", witness="Ben")
    replaced(ben, unit, old, new, fate="scrap", witness="T. Herrera")
    assert Removal.objects.get().lot == old
    assert lies_balanced(unit, old, new)


def test_a_unit_may_stay_without_the_component(ben: User, built: tuple[Lot, Lot, Lot]) -> None:
    unit, old, _new = built
    replaced(ben, unit, old, None)
    assert [s.current for s in components_of([unit.pk])[unit.pk]] == [False]
    with pytest.raises(NotInTheUnit):
        replaced(ben, unit, old, None)


def test_only_what_fits_and_is_released_is_built_in(
    ben: User, site: Site, built: tuple[Lot, Lot, Lot]
) -> None:
    unit, old, _new = built
    with pytest.raises(WrongComponent):
        replaced(ben, unit, old, lot_in_stock(ben, site))
    waiting = lot_in_stock(ben, site, item=old.item, quantity=1, kind="serial", state="quarantine")
    with pytest.raises(Blocked) as refusal:
        replaced(ben, unit, old, waiting)
    assert "lot.not_released" in [b.code for b in refusal.value.blockers]
    assert [s.current for s in components_of([unit.pk])[unit.pk]] == [True]


def test_a_hold_stops_all_work_but_what_was_decided(ben: User, built: tuple[Lot, Lot, Lot]) -> None:
    unit, old, new = built
    hold_lot(ctx_for(ben, reason="smoke"), lot_id=unit.pk, cause="quality")
    with pytest.raises(Blocked) as refusal:
        replaced(ben, unit, old, new)
    assert [b.code for b in refusal.value.blockers] == ["deviation.rework_not_decided"]


def test_work_is_done_on_units_in_house(ben: User, site: Site, built: tuple[Lot, Lot, Lot]) -> None:
    unit, old, new = built
    with pytest.raises(NotAUnit):
        replaced(ben, lot_in_stock(ben, site), old, new)
    with pytest.raises(NotInHouse):
        replaced(ben, old, new, None)
    with pytest.raises(InvalidInput):
        replace_component(
            ctx_for(ben), unit_id=unit.pk, removed_id=old.pk, quantity=ONE, fate="quarantine"
        )


@pytest.mark.urs("TRC-08")
def test_a_replacement_declared_wrong_restores_everything(
    ben: User, built: tuple[Lot, Lot, Lot]
) -> None:
    unit, old, new = built
    before = balances()
    replaced(ben, unit, old, new)
    declare_wrong(ben, last_event(unit, "installing"))
    assert balances() == before
    assert [s.current for s in components_of([unit.pk])[unit.pk]] == [True]
    old.refresh_from_db()
    assert old.state == "released"
    assert lies_balanced(unit, old, new)


@pytest.mark.urs("TRC-06")
def test_the_page_shows_as_built_and_as_maintained(
    ben: User, built: tuple[Lot, Lot, Lot], signed_in: As
) -> None:
    unit, old, new = built
    replaced(ben, unit, old, new)
    page = signed_in(ben).get(f"/lots/{unit.pk}/").content.decode()
    assert "As built" in page
    assert old.number in page
    assert new.number in page
    assert "Built into units" in signed_in(ben).get(f"/lots/{old.pk}/").content.decode()
