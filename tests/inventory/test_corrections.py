"""A wrong event is named by a further one; goods go back by new rows; nothing is edited."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from audit.models import Signature
from erp.accounts.errors import SignatureMissing
from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.errors import Blocked, InvalidInput, NotFound, NotPermitted, NotYetHappened
from erp.inventory.corrections.errors import NoCorrective
from erp.inventory.corrections.operations import declare_error, name_corrective_event
from erp.inventory.models import StockMove
from erp.inventory.operations import hold_lot, release_hold, transfer_stock
from erp.inventory.removal.operations import scrap_stock
from tests.conftest import ctx_for, make_person, signed
from tests.inventory.builders import (
    balances,
    declare_wrong,
    last_event,
    lies_balanced,
    lot_in_stock,
    transferred,
)
from tests.masterdata.builders import place
from tests.traceability.builders import happen, make_lots, reached
from traceability.errors import BeforeItExisted
from traceability.models import ErrorDeclaration, Lot, TraceEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot(ben: User, site: Site) -> Lot:
    """Return a released lot of a hundred in the store."""
    return lot_in_stock(ben, site)


def reasons(refusal: pytest.ExceptionInfo[Blocked]) -> list[str]:
    """Return the codes of a refusal."""
    return [blocker.code for blocker in refusal.value.blockers]


@pytest.mark.urs("TRC-08", "INV-01")
def test_a_wrong_move_is_taken_back_by_new_rows(ben: User, lot: Lot) -> None:
    before = balances(lot)
    event = transferred(ben, lot, 30)
    moves = StockMove.objects.filter(event=event).count()
    declaration = declare_wrong(ben, event)
    assert balances(lot) == before
    against = declaration.event
    assert (against.corrects_id, against.disposition) == (event.pk, "did_not_occur")
    assert against.event_time == event.event_time
    assert StockMove.objects.filter(event=event).count() == moves, "nothing was edited"
    assert StockMove.objects.filter(event=against).count() == moves
    assert lies_balanced(lot)


def test_a_declaration_says_who_why_and_is_signed(ben: User, lot: Lot) -> None:
    declaration = declare_wrong(ben, transferred(ben, lot, 30), reason="thirteen, not thirty")
    assert declaration.declared_by == ben
    assert declaration.explanation == "thirteen, not thirty"
    signature = Signature.objects.get(subject_model="traceability.traceevent")
    assert signature.content["explanation"] == "thirteen, not thirty"


def test_nobody_declares_without_reason_or_signature(ben: User, lot: Lot) -> None:
    event = transferred(ben, lot, 30)
    with pytest.raises(InvalidInput):
        declare_error(signed(ben), event_id=event.pk, error="did_not_occur")
    with pytest.raises(SignatureMissing):
        declare_error(ctx_for(ben, reason="x"), event_id=event.pk, error="did_not_occur")
    assert not ErrorDeclaration.objects.exists()


@pytest.mark.urs("SEC-01")
def test_another_site_sees_no_event_to_declare(dan: User, ben: User, lot: Lot) -> None:
    event = transferred(ben, lot, 30)
    with pytest.raises(NotFound):
        declare_wrong(dan, event)


def test_a_move_between_sites_needs_the_right_at_both(
    ben: User, ada: User, lot: Lot, site: Site, other_site: Site
) -> None:
    transfer_stock(
        ctx_for(ada),
        lot_id=lot.pk,
        from_location_id=place(site, "storage").pk,
        to_location_id=place(other_site, "storage").pk,
        quantity=Decimal(5),
        status="available",
    )
    event = last_event(lot, "storing")
    for site_of in (site, other_site):
        one = make_person(f"only-{site_of.code}", may=["inventory.declare_error"], site=site_of)
        with pytest.raises((NotPermitted, NotFound)):
            declare_wrong(one, event)
    declare_wrong(ada, event)


@pytest.mark.urs("TRC-08")
def test_goods_that_went_on_name_the_later_events_newest_first(ben: User, lot: Lot) -> None:
    first = transferred(ben, lot, 60)
    second = transferred(ben, lot, 40, "line", "dispatch")
    third = transferred(ben, lot, 10, "line", "dispatch")
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, first)
    blockers = refusal.value.blockers
    later = [b.record.pk for b in blockers if b.record and b.code == "event.later_event"]
    assert later == [str(third.pk), str(second.pk)]
    assert not ErrorDeclaration.objects.exists()
    for event in (third, second, first):
        declare_wrong(ben, event)
    assert balances(lot) == {(lot.number, "storage", "available"): Decimal(100)}


def test_stock_may_at_no_moment_have_been_below_zero(ben: User, lot: Lot) -> None:
    """Ten came, ten were used, ten came again: the first ten cannot have been an error."""
    first = transferred(ben, lot, 10)
    transferred(ben, lot, 10, "line", "dispatch")
    last = transferred(ben, lot, 10)
    with pytest.raises(Blocked):
        declare_wrong(ben, first)
    declare_wrong(ben, last)


def test_what_was_taken_back_in_between_does_not_stand_in_the_way(ben: User, lot: Lot) -> None:
    first = transferred(ben, lot, 10)
    declare_wrong(ben, transferred(ben, lot, 10, "line", "dispatch"))
    declare_wrong(ben, first)
    assert balances(lot) == {(lot.number, "storage", "available"): Decimal(100)}


def test_an_event_is_declared_wrong_once(ben: User, lot: Lot) -> None:
    event = transferred(ben, lot, 10)
    declaration = declare_wrong(ben, event)
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, event)
    assert reasons(refusal) == ["event.declared_already"]
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, declaration.event)
    assert "event.is_correction" in reasons(refusal)


def test_a_hold_is_taken_back_by_its_release(ada: User, ben: User, lot: Lot) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, last_event(lot, "holding"))
    assert reasons(refusal) == ["event.taken_back_otherwise"]
    release_hold(signed(ada, reason="checked"), hold_id=hold.pk)
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, last_event(lot, "hold_lifted"))
    assert reasons(refusal) == ["event.taken_back_otherwise"]


def test_a_held_lot_can_be_corrected(ben: User, lot: Lot) -> None:
    event = transferred(ben, lot, 10)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    declare_wrong(ben, event)


def test_stock_without_an_operation_is_not_moved_back_by_rule(ben: User, lot: Lot) -> None:
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, last_event(lot, "receiving"))
    assert "event.no_operation" in reasons(refusal)


@pytest.mark.urs("TRC-05", "TRC-08")
def test_scrap_that_did_not_happen_leaves_the_balance_closed(ben: User, lot: Lot) -> None:
    scrap_stock(
        ctx_for(ben, reason="cracked"),
        lot_id=lot.pk,
        from_location_id=place(lot.site, "storage").pk,
        status="available",
        quantity=Decimal(4),
        witness="T. Herrera",
    )
    assert lies_balanced(lot)
    declare_wrong(ben, last_event(lot, "destroying"))
    assert balances(lot) == {(lot.number, "storage", "available"): Decimal(100)}
    assert lies_balanced(lot)


@pytest.mark.urs("TRC-08")
def test_the_right_event_is_named_by_hand(ben: User, lot: Lot) -> None:
    earlier = transferred(ben, lot, 1)
    declaration = declare_wrong(ben, transferred(ben, lot, 30), error="incorrect_data")
    assert list(ErrorDeclaration.objects.waiting()) == [declaration]
    with pytest.raises(NoCorrective) as refusal:
        name_corrective_event(ctx_for(ben), declaration_id=declaration.pk, event_ids=[earlier.pk])
    assert [b.code for b in refusal.value.blockers] == ["event.recorded_before"]
    right = transferred(ben, lot, 13)
    name_corrective_event(ctx_for(ben), declaration_id=declaration.pk, event_ids=[right.pk])
    assert not ErrorDeclaration.objects.waiting().exists()
    with pytest.raises(NoCorrective):
        name_corrective_event(ctx_for(ben), declaration_id=declaration.pk, event_ids=[right.pk])


def test_what_did_not_happen_has_no_right_event(ben: User, lot: Lot) -> None:
    declaration = declare_wrong(ben, transferred(ben, lot, 30))
    right = transferred(ben, lot, 13)
    with pytest.raises(NoCorrective) as refusal:
        name_corrective_event(ctx_for(ben), declaration_id=declaration.pk, event_ids=[right.pk])
    assert [b.code for b in refusal.value.blockers] == ["event.did_not_occur"]


def test_an_event_of_other_lots_corrects_nothing(ben: User, site: Site, lot: Lot) -> None:
    declaration = declare_wrong(ben, transferred(ben, lot, 30), error="incorrect_data")
    other = transferred(ben, lot_in_stock(ben, site), 5)
    with pytest.raises(NoCorrective) as refusal:
        name_corrective_event(ctx_for(ben), declaration_id=declaration.pk, event_ids=[other.pk])
    assert [b.code for b in refusal.value.blockers] == ["event.other_lots"]


@pytest.mark.urs("TRC-08")
def test_a_partners_event_leaves_the_chain_when_declared_wrong(ben: User, site: Site) -> None:
    material, made = make_lots(ben, site, 2)
    event = happen(ben, site, [material], [made])
    assert made.pk in reached(ben, [material], "forward")
    declare_wrong(ben, event)
    assert made.pk not in reached(ben, [material], "forward")


def test_what_happened_is_never_told_beforehand(ben: User, lot: Lot) -> None:
    later = clock.now() + dt.timedelta(hours=1)
    with pytest.raises(NotYetHappened):
        move_at(ben, lot, later, "")


def test_what_is_told_late_is_told_with_a_reason(ben: User, lot: Lot) -> None:
    TraceEvent.objects.filter(outputs__lot=lot).get()
    with pytest.raises(InvalidInput) as refusal:
        move_at(ben, lot, clock.now() - dt.timedelta(days=2), "")
    assert refusal.value.faults[0].name == "reason"


def test_nothing_happens_to_a_lot_before_it_exists(ben: User, lot: Lot) -> None:
    with pytest.raises(BeforeItExisted):
        move_at(ben, lot, clock.now() - dt.timedelta(days=2), "the scanner was broken")
    assert balances(lot) == {(lot.number, "storage", "available"): Decimal(100)}


def test_an_earlier_time_is_kept_beside_the_record_time(ben: User, lot: Lot) -> None:
    at = last_event(lot).event_time + dt.timedelta(microseconds=1)
    move_at(ben, lot, at, "")
    event = last_event(lot, "storing")
    event.refresh_from_db()
    assert event.event_time == at
    assert event.record_time != at


def move_at(user: User, lot: Lot, at: dt.datetime, reason: str) -> None:
    """Move five to the line, told for a moment."""
    transfer_stock(
        ctx_for(user, at=at, reason=reason),
        lot_id=lot.pk,
        from_location_id=place(lot.site, "storage").pk,
        to_location_id=place(lot.site, "line").pk,
        quantity=Decimal(5),
        status="available",
    )


@pytest.mark.urs("TRC-08")
def test_a_correction_shows_wrong_and_right_side_by_side_with_its_signature(
    ben: User, lot: Lot
) -> None:
    declaration = declare_wrong(ben, transferred(ben, lot, 50), error="incorrect_data")
    right = transferred(ben, lot, 15)
    name_corrective_event(ctx_for(ben), declaration_id=declaration.pk, event_ids=[right.pk])
    client = Client()
    client.force_login(ben)
    page = " ".join(client.get(f"/corrections/{declaration.pk}/").content.decode().split())
    assert "Wrong and right" in page
    assert ">50 <" in page
    assert ">15 <" in page
    assert "Authored" in page
