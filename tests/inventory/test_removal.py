"""What leaves stock for good says why, who saw it and by which paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp.accounts.models import Site, User
from erp.core.errors import InvalidInput
from erp.inventory.errors import NotEnoughStock, WrongPlace
from erp.inventory.models import Removal
from erp.inventory.operations import hold_lot
from erp.inventory.removal.errors import NotBought, NothingDiffers, OwnWitness
from erp.inventory.removal.operations import (
    count_stock,
    return_to_supplier,
    scrap_stock,
    take_sample,
)
from tests.conftest import ctx_for
from tests.inventory.builders import balances, lies_balanced, lot_in_stock
from tests.masterdata.builders import place
from tests.traceability.builders import make_lots
from tests.ui.conftest import As
from traceability.models import Lot

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot(ben: User, site: Site) -> Lot:
    """Return a released lot of a hundred in the store."""
    return lot_in_stock(ben, site)


def from_store(lot: Lot, **more: Any) -> dict[str, Any]:
    """Return where the lot lies, for an input."""
    store = place(lot.site, "storage").pk
    return {"lot_id": lot.pk, "from_location_id": store, "status": "available", **more}


@pytest.mark.urs("INV-05")
def test_scrap_keeps_reason_witness_certificate_and_cost(ben: User, lot: Lot) -> None:
    scrap_stock(
        ctx_for(ben, reason="cracked"),
        **from_store(
            lot, quantity="4", witness="T. Herrera", certificate_number="D-7", cost="12.5"
        ),
    )
    removal = Removal.objects.get()
    said = (removal.kind, removal.reason, removal.witness, removal.certificate_number, removal.cost)
    assert said == ("scrap", "cracked", "T. Herrera", "D-7", Decimal("12.5"))
    assert lies_balanced(lot)


@pytest.mark.urs("INV-05")
@pytest.mark.parametrize("witness", ["ben", " Ben "])
def test_nobody_is_their_own_witness(ben: User, lot: Lot, witness: str) -> None:
    with pytest.raises(OwnWitness):
        scrap_stock(ctx_for(ben, reason="x"), **from_store(lot, quantity="4", witness=witness))
    assert not Removal.objects.exists()


def test_a_virtual_place_holds_nothing_to_scrap(ben: User, site: Site, lot: Lot) -> None:
    values = from_store(lot, quantity="4", witness="T. Herrera")
    values["from_location_id"] = place(site, "customer").pk
    with pytest.raises(WrongPlace):
        scrap_stock(ctx_for(ben, reason="x"), **values)


def test_a_held_lot_can_be_sampled(ben: User, lot: Lot) -> None:
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    take_sample(ctx_for(ben), **from_store(lot, quantity="2", purpose="Tensile test"))
    assert balances(lot) == {(lot.number, "storage", "available"): Decimal(98)}
    assert lies_balanced(lot)
    with pytest.raises(NotEnoughStock):
        take_sample(ctx_for(ben), **from_store(lot, quantity="99", purpose="Tensile test"))


def test_goods_go_back_to_where_they_came_from(ben: User, site: Site, lot: Lot) -> None:
    return_to_supplier(ctx_for(ben, reason="too thick"), **from_store(lot, quantity="100"))
    assert balances(lot) == {}
    assert lies_balanced(lot)
    made = make_lots(ben, site, 1)[0]
    with pytest.raises(NotBought):
        return_to_supplier(ctx_for(ben, reason="x"), **from_store(made, quantity="1"))


@pytest.mark.parametrize(("counted", "kind"), [("97", "shortage"), ("103", "surplus")])
def test_the_books_follow_the_count(ben: User, lot: Lot, counted: str, kind: str) -> None:
    removal = count_stock(ctx_for(ben, reason="count 11/26"), **from_store(lot, counted=counted))
    assert (removal.kind, removal.quantity) == (kind, Decimal(3))
    lying = {status: quantity for (_lot, _place, status), quantity in balances(lot).items()}
    # Where surplus goods were until now nobody can prove.
    expected = {"available": 97} if kind == "shortage" else {"available": 100, "quarantine": 3}
    assert lying == expected
    assert lies_balanced(lot)


def test_a_count_that_agrees_changes_nothing(ben: User, lot: Lot) -> None:
    with pytest.raises(NothingDiffers):
        count_stock(ctx_for(ben, reason="count"), **from_store(lot, counted="100"))
    with pytest.raises(InvalidInput):
        count_stock(ctx_for(ben), **from_store(lot, counted="99"))


def test_removals_have_pages(ben: User, dan: User, lot: Lot, signed_in: As) -> None:
    removal = take_sample(ctx_for(ben), **from_store(lot, quantity="2", purpose="Tensile test"))
    page = signed_in(ben).get(f"/removals/{removal.pk}/").content.decode()
    assert "Tensile test" in page
    assert signed_in(dan).get(f"/removals/{removal.pk}/").status_code == 404
