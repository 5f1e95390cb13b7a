"""The registry: given once and never again, activated by another person, withdrawn for good."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from erp.accounts.errors import SignatureMissing
from erp.accounts.models import Site, User
from erp.core.errors import (
    Blocked,
    DomainError,
    IllegalStep,
    InvalidInput,
    NotPermitted,
    SamePerson,
)
from erp.masterdata.models import Item, ItemRevision
from tests.conftest import ctx_for, make_person, signed
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item, make_partner
from tests.traceability.devices import active, draft, gtin, make_device
from traceability.identifiers.errors import (
    DoubtfulIdentifier,
    IdentifierTaken,
    InvalidIdentifier,
    PrefixLengthOfOthers,
    UnknownRevision,
)
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.operations import (
    activate_identifier,
    correct_identifier,
    register_identifier,
    withdraw_identifier,
)
from traceability.identifiers.queries import by_di, carried_by, identifier_of, identifiers_of
from traceability.models import Lot


def codes(refusal: pytest.ExceptionInfo[DomainError]) -> list[str]:
    """Return the codes of all blockers of a refusal."""
    return [blocker.code for blocker in refusal.value.blockers]


@pytest.fixture
def item(db: None) -> Item:
    """Return a device."""
    return make_device()


@pytest.mark.urs("UDI-01")
def test_a_registered_identifier_is_a_draft_and_on_no_label(ben: User, item: Item) -> None:
    made = draft(ben, item)
    assert (made.state, made.registered_by_id) == ("draft", ben.pk)
    assert identifier_of(item.pk) is None


@pytest.mark.urs("UDI-01")
def test_an_activated_identifier_is_the_one_to_print(ben: User, ada: User, item: Item) -> None:
    made = active(ben, ada, item, company_prefix_length=7)
    found = identifier_of(item.pk)
    assert found == made
    assert found is not None
    assert found.valid_from is not None
    assert found.company_prefix_length == 7
    assert identifier_of(item.pk, level="case") is None


@pytest.mark.urs("UDI-01")
@pytest.mark.parametrize(
    ("issuer", "typed", "kept"),
    [
        ("GS1", "96385074", "00000096385074"),
        ("HIBCC", "+A123BJC5D6E71G", "A123BJC5D6E71"),
        ("ICCBBA", "A9999XYZ100T0476", "A9999XYZ100T0476"),
        ("MA", "MA.156.M0.100000.10000001", "MA.156.M0.100000.10000001"),
        ("AHM", "84060180000001", "84060180000001"),
    ],
)
def test_each_issuers_number_is_kept_and_found_in_one_form(
    ben: User, item: Item, issuer: str, typed: str, kept: str
) -> None:
    made = draft(ben, item, issuer=issuer, di=typed)
    assert made.di == kept
    assert by_di(issuer, typed).get() == by_di("", kept).get() == made


@pytest.mark.urs("UDI-01")
@pytest.mark.parametrize("state", ["draft", "active", "withdrawn"])
def test_a_number_is_never_given_twice(ben: User, ada: User, item: Item, state: str) -> None:
    first = draft(ben, item) if state == "draft" else active(ben, ada, item)
    if state == "withdrawn":
        withdraw_identifier(ctx_for(ben, reason="end of sale"), identifier_id=first.pk)
    with pytest.raises(IdentifierTaken) as refusal:
        draft(ben, make_device(), di=first.di)
    assert item.code in refusal.value.detail
    assert DeviceIdentifier.objects.filter(di=first.di).count() == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [("H373VBH100202A3J", "H373VBH100202A3"), ("H373VBH100202A3", "H373VBH100202A3J")],
)
def test_a_hibc_number_with_its_check_character_is_the_same_number(
    ben: User, item: Item, first: str, second: str
) -> None:
    made = draft(ben, item, issuer="HIBCC", di=first, accept_warning=True)
    with pytest.raises(IdentifierTaken):
        draft(ben, make_device(), issuer="HIBCC", di=second, accept_warning=True)
    assert by_di("HIBCC", "+H373VBH100202A3J").get() == made


def test_the_database_itself_refuses_a_number_twice(ben: User, item: Item) -> None:
    first = draft(ben, item)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeviceIdentifier.objects.create(item=make_device(), issuer="GS1", di=first.di)


def test_two_who_register_the_same_number_at_once_get_it_once(committed: None) -> None:
    people = [make_person(f"reg-{n}-{gtin()}", may=[register_identifier]) for n in range(2)]
    items, di = [make_device(), make_device()], gtin()
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def give(person: User, item: Item) -> None:
        together.wait()
        try:
            register_identifier(ctx_for(person), item_id=item.pk, issuer="GS1", di=di)
            outcomes.append("given")
        except IdentifierTaken:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=pair) for pair in zip(people, items, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["given", "refused"]


@pytest.mark.urs("UDI-01")
def test_a_wrong_check_digit_is_refused_with_position_and_expected(ben: User, item: Item) -> None:
    with pytest.raises(DoubtfulIdentifier) as refusal:
        draft(ben, item, di="51022222233337")
    assert "Position 14 reads “7”, expected: 6" in refusal.value.detail
    assert not DeviceIdentifier.objects.exists()


@pytest.mark.urs("UDI-01")
def test_a_wrong_check_digit_is_taken_over_when_somebody_chooses_to(ben: User, item: Item) -> None:
    made = draft(ben, item, di="51022222233337", accept_warning=True)
    assert made.check_accepted
    assert not draft(ben, item, accept_warning=True, level="case").check_accepted


def test_what_is_no_number_at_all_is_refused_whatever_is_accepted(ben: User, item: Item) -> None:
    with pytest.raises(InvalidIdentifier):
        draft(ben, item, di="5102222223333X", accept_warning=True)


def test_only_gs1_numbers_have_a_company_prefix(ben: User, item: Item) -> None:
    with pytest.raises(PrefixLengthOfOthers):
        draft(ben, item, issuer="HIBCC", di="A123BJC5D6E71", company_prefix_length=7)


def test_an_unknown_revision_is_refused(ben: User, item: Item) -> None:
    with pytest.raises(UnknownRevision):
        draft(ben, item, revision="Z")


def test_who_registered_it_cannot_activate_it(ben: User, item: Item) -> None:
    made = draft(ben, item)
    with pytest.raises(SamePerson):
        activate_identifier(signed(ben), identifier_id=made.pk)


def test_an_activation_needs_a_signature(ben: User, ada: User, item: Item) -> None:
    made = draft(ben, item)
    with pytest.raises(SignatureMissing):
        activate_identifier(ctx_for(ada), identifier_id=made.pk)
    made.refresh_from_db()
    assert made.state == "draft"


def test_an_auditor_changes_nothing(cleo: User, item: Item) -> None:
    with pytest.raises(NotPermitted):
        draft(cleo, item)


@pytest.mark.urs("UDI-01")
def test_a_label_carries_one_identifier(ben: User, ada: User, item: Item) -> None:
    first = active(ben, ada, item)
    second = draft(ben, item)
    with pytest.raises(Blocked) as refusal:
        activate_identifier(signed(ada), identifier_id=second.pk)
    assert codes(refusal) == ["identifier.label_taken"]
    assert first.di in str(refusal.value)


def test_a_secondary_identifier_of_another_issuer_stands_beside_it(
    ben: User, ada: User, item: Item
) -> None:
    first = active(ben, ada, item)
    active(ben, ada, item, issuer="HIBCC", di="A123BJC5D6E71", primary=False)
    assert identifier_of(item.pk) == first


@pytest.mark.urs("UDI-01")
def test_a_market_with_its_own_identifier_gets_it(ben: User, ada: User, item: Item) -> None:
    everywhere = active(ben, ada, item)
    china = active(ben, ada, item, market="CN", issuer="MA", di="MA.156.M0.100000.10000001")
    assert identifier_of(item.pk, market="CN") == china
    assert identifier_of(item.pk, market="US") == identifier_of(item.pk) == everywhere


@pytest.mark.urs("UDI-01")
def test_a_new_version_gets_a_new_identifier_and_old_goods_keep_theirs(
    ben: User, ada: User, site: Site, item: Item
) -> None:
    first_revision = item.revisions.get()
    old = active(ben, ada, item)
    lot = lot_in_stock(ben, site, item=item, revision=first_revision)
    later = ItemRevision.objects.create(item=item, revision="B")
    new = active(ben, ada, item, revision="B", replaces_id=old.pk)
    assert identifier_of(item.pk, revision_id=later.pk) == new
    assert identifier_of(item.pk, revision_id=first_revision.pk) == old
    assert identifier_of(item.pk) == old, "B is a draft: nothing is made by it yet"
    assert carried_by([lot]) == {lot.pk: old}
    withdraw_identifier(ctx_for(ben, reason="replaced"), identifier_id=old.pk)
    assert carried_by([lot]) == {lot.pk: old}


def test_withdrawing_wants_a_reason_and_is_for_good(ben: User, ada: User, item: Item) -> None:
    made = active(ben, ada, item)
    with pytest.raises(InvalidInput):
        withdraw_identifier(ctx_for(ben), identifier_id=made.pk)
    withdraw_identifier(ctx_for(ben, reason="end of sale"), identifier_id=made.pk)
    assert identifier_of(item.pk) is None
    with pytest.raises(IllegalStep):
        activate_identifier(signed(ada), identifier_id=made.pk)
    with pytest.raises(IllegalStep):
        withdraw_identifier(ctx_for(ben, reason="x"), identifier_id=made.pk)
    with pytest.raises(IllegalStep):
        correct_identifier(ctx_for(ben), identifier_id=made.pk, issuer="GS1", di=gtin())


@pytest.mark.parametrize("days", [1, 400])
def test_what_has_not_come_yet_cannot_be_recorded(
    ben: User, ada: User, item: Item, days: int
) -> None:
    later = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)
    made = draft(ben, item)
    with pytest.raises(DomainError, match="future"):
        activate_identifier(signed(ada), identifier_id=made.pk, valid_from=later)
    with pytest.raises(DomainError, match="future"):
        withdraw_identifier(ctx_for(ben, reason="x"), identifier_id=made.pk, withdrawn_on=later)


def test_it_is_not_withdrawn_before_it_was_valid(ben: User, ada: User, item: Item) -> None:
    made = active(ben, ada, item)
    with pytest.raises(DomainError, match="valid since"):
        withdraw_identifier(
            ctx_for(ben, reason="x"), identifier_id=made.pk, withdrawn_on=dt.date(2020, 1, 1)
        )


def test_a_corrected_draft_is_the_correctors_and_frees_its_number(
    ben: User, ada: User, item: Item
) -> None:
    made = draft(ben, item)
    typed = made.di
    right = gtin()
    correct_identifier(ctx_for(ada), identifier_id=made.pk, issuer="GS1", di=right)
    made.refresh_from_db()
    assert (made.di, made.registered_by_id) == (right, ada.pk)
    assert typed in set(made.history.values_list("di", flat=True))
    draft(ben, make_device(), di=typed)
    with pytest.raises(SamePerson):
        activate_identifier(signed(ada), identifier_id=made.pk)


def test_an_active_identifier_is_never_edited(ben: User, ada: User, item: Item) -> None:
    made = active(ben, ada, item)
    with pytest.raises(IllegalStep):
        correct_identifier(ctx_for(ben), identifier_id=made.pk, issuer="GS1", di=gtin())


def test_many_items_are_read_in_one_query(ben: User, django_assert_num_queries: Any) -> None:
    items = [make_device() for _ in range(3)]
    made = [draft(ben, item) for item in items]
    with django_assert_num_queries(1):
        found = identifiers_of([item.pk for item in items])
    assert found == {row.item_id: [row] for row in made}


@pytest.mark.urs("UDI-01")
def test_a_unit_of_a_hibc_device_gets_a_hibc_production_identifier(
    ben: User, ada: User, site: Site, item: Item
) -> None:
    active(ben, ada, item, issuer="HIBCC", di="A123BJC5D6E71")
    lot = lot_in_stock(ben, site, item=item)
    assert Lot.objects.get(pk=lot.pk).udi_pi == f"$$7{lot.number}"


def test_materials_and_goods_of_others_get_no_production_identifier(
    ben: User, site: Site, item: Item
) -> None:
    assert lot_in_stock(ben, site, item=make_item()).udi_pi == ""
    assert lot_in_stock(ben, site, item=item, manufacturer=make_partner()).udi_pi == ""
    assert lot_in_stock(ben, site, item=item).udi_pi
