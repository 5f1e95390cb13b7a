"""Sales orders: the address as known when the order is taken; cancelled while nothing left."""

from __future__ import annotations

import pytest

from erp.accounts.models import Site, User
from erp.core.errors import Blocked, IllegalStep, InvalidInput, NotFound, NotPermitted
from erp.inventory.errors import TooFine
from erp.sales.errors import NotACustomer
from erp.sales.models import Allocation, CustomerTerms
from erp.sales.operations import agree_terms, cancel_order, ship_order, take_order
from tests.conftest import ctx_for
from tests.masterdata.builders import make_item, make_partner
from tests.sales.builders import make_customer, make_device, ordered, promise, promised


@pytest.mark.urs("SAL-01")
def test_an_order_goes_to_the_customers_own_address_unless_another_is_given(
    ben: User, site: Site
) -> None:
    item = make_device()
    customer = make_customer(country="FR", address="3 Rue X")
    own = ordered(ben, site, item, customer=customer)
    assert (own.number[:3], own.state, own.country) == ("SO-", "open", "FR")
    assert (own.ship_to_name, own.ship_to_address) == (customer.name, "3 Rue X")
    other = ordered(
        ben, site, item, customer=customer, country="CN", ship_to_name="Clinic", ship_to_address="Y"
    )
    assert (other.country, other.ship_to_name, other.ship_to_address) == ("CN", "Clinic", "Y")


def test_only_customers_order(ben: User, site: Site) -> None:
    with pytest.raises(NotACustomer):
        ordered(ben, site, make_device(), customer=make_partner(is_customer=False))


def test_an_item_stands_on_an_order_once(ben: User, site: Site) -> None:
    item = make_device()
    with pytest.raises(InvalidInput) as refusal:
        ordered(ben, site, item, item)
    assert [(f.name, f.row) for f in refusal.value.faults] == [("lines.item_id", 2)]


def test_an_order_needs_lines_and_a_country_of_two_letters(ben: User, site: Site) -> None:
    customer = make_customer()
    with pytest.raises(InvalidInput):
        take_order(ctx_for(ben), customer_id=customer.pk, site_id=site.pk, lines=[])
    with pytest.raises(InvalidInput):
        ordered(ben, site, make_device(), country="Germany")


def test_half_a_piece_cannot_be_ordered(ben: User, site: Site) -> None:
    with pytest.raises(TooFine):
        ordered(ben, site, make_device(), quantity="0.5")
    ordered(ben, site, make_item(unit="kg"), quantity="0.5")


def test_cancelling_frees_what_was_reserved(ben: User, site: Site) -> None:
    order, lot = promised(ben, site, stock=10, quantity=10)
    cancel_order(ctx_for(ben, reason="customer withdrew"), order_id=order.pk)
    assert Allocation.objects.get(lot=lot).state == "withdrawn"
    again = ordered(ben, site, lot.item, quantity=10)
    promise(ben, again, (lot, 10))
    with pytest.raises(IllegalStep):
        promise(ben, order, (lot, 1))


def test_an_order_of_which_something_left_cannot_be_cancelled(ben: User, site: Site) -> None:
    order, lot = promised(ben, site, quantity=2)
    more = ordered(ben, site, lot.item, quantity=5)
    promise(ben, more, (lot, 2))
    ship_order(ctx_for(ben), order_id=more.pk)
    with pytest.raises(Blocked) as refusal:
        cancel_order(ctx_for(ben, reason="x"), order_id=more.pk)
    assert [b.code for b in refusal.value.blockers] == ["sales.already_shipped"]
    cancel_order(ctx_for(ben, reason="x"), order_id=order.pk)


def test_terms_are_kept_per_customer(ben: User, ada: User, site: Site) -> None:
    customer = make_customer()
    agree_terms(ctx_for(ada), customer_id=customer.pk, minimum_life_days=90)
    agree_terms(ctx_for(ada), customer_id=customer.pk, minimum_life_days=180)
    assert CustomerTerms.objects.get(customer=customer).minimum_life_days == 180
    with pytest.raises(NotACustomer):
        agree_terms(
            ctx_for(ada), customer_id=make_partner(is_customer=False).pk, minimum_life_days=1
        )


@pytest.mark.urs("SEC-01")
def test_the_wrong_person_takes_and_cancels_nothing(
    ben: User, cleo: User, dan: User, site: Site
) -> None:
    order = ordered(ben, site, make_device())
    with pytest.raises(NotPermitted):
        ordered(cleo, site, make_device())
    with pytest.raises((NotPermitted, InvalidInput)):
        ordered(dan, site, make_device())
    with pytest.raises(NotFound):
        cancel_order(ctx_for(dan, reason="x"), order_id=order.pk)
