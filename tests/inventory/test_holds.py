"""Holds stack, win, and are released by another person."""

from __future__ import annotations

from typing import Any

import pytest

from erp.accounts.errors import SignatureMissing, SignatureRefused
from erp.accounts.models import SecurityEvent, Site, User
from erp.accounts.queries import actor_for
from erp.core import clock
from erp.core.errors import IllegalStep, InvalidInput, NotFound, SamePerson
from erp.gates import Question, answers
from erp.inventory.models import Hold
from erp.inventory.operations import hold_lot, place_hold, release_hold
from erp.ui.records import KINDS, View, facts_of
from tests.conftest import MakePerson, ctx_for, signed
from tests.inventory.builders import lot_in_stock
from traceability.models import Lot


def blockers_of(user: User, lot: Lot, gate: str = "lot.ship") -> set[str]:
    """Return the codes of what blocks a lot."""
    return {
        a.blocker.code for a in answers(Question(gate, frozenset({lot.pk}), ctx_for(user).actor))
    }


def numbers_of(lot: Lot) -> Any:
    """Return the lot as people name it: the door takes numbers as well as ids."""
    return [lot.number]


@pytest.mark.urs("INV-02")
def test_a_held_lot_is_blocked_with_the_hold_named(ada: User, ben: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    assert blockers_of(ada, lot) == set()
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    assert blockers_of(ada, lot) == {"lot.on_hold"}


def test_a_hold_on_a_batch_reaches_its_units(ada: User, ben: User, site: Site) -> None:
    batch = lot_in_stock(ada, site)
    unit = lot_in_stock(ada, site, quantity=1, item=batch.item, kind="serial", batch=batch)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=batch.pk, cause="quality")
    assert blockers_of(ada, unit) == {"lot.on_hold"}


def test_releasing_one_of_two_holds_leaves_the_other(ada: User, ben: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    first = hold_lot(ctx_for(ben, reason="one"), lot_id=lot.pk, cause="quality")
    hold_lot(ctx_for(ben, reason="two"), lot_id=lot.pk, cause="quality")
    release_hold(signed(ada, reason="checked"), hold_id=first.pk)
    assert blockers_of(ada, lot) == {"lot.on_hold"}


def test_who_placed_a_hold_cannot_release_it(ben: User, ada: User, site: Site) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    with pytest.raises(SamePerson):
        release_hold(signed(ben, reason="fine"), hold_id=hold.pk)


@pytest.mark.urs("AUD-03")
def test_release_needs_a_signature_and_the_right_password(ben: User, ada: User, site: Site) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    with pytest.raises(SignatureMissing):
        release_hold(ctx_for(ada, reason="checked"), hold_id=hold.pk)
    with pytest.raises(SignatureRefused):
        release_hold(signed(ada, password="wrong", reason="checked"), hold_id=hold.pk)
    assert Hold.objects.open().filter(pk=hold.pk).exists()
    assert SecurityEvent.objects.filter(kind="signing_failed", username="ada").count() == 1


def test_a_released_hold_cannot_be_released_again(ben: User, ada: User, site: Site) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    release_hold(signed(ada, reason="checked"), hold_id=hold.pk)
    with pytest.raises(IllegalStep):
        release_hold(signed(ada, reason="again"), hold_id=hold.pk)


def test_a_hold_needs_a_reason(ben: User, ada: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    with pytest.raises(InvalidInput) as refusal:
        place_hold(ctx_for(ben), lots=numbers_of(lot), cause="quality")
    assert [f.name for f in refusal.value.faults] == ["reason"]


@pytest.mark.urs("SEC-01")
def test_a_stranger_finds_no_lot_to_hold(dan: User, ada: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    with pytest.raises(NotFound):
        hold_lot(ctx_for(dan, reason="x"), lot_id=lot.pk, cause="quality")
    with pytest.raises(InvalidInput) as refusal:
        place_hold(ctx_for(dan, reason="x"), lots=numbers_of(lot), cause="quality")
    assert refusal.value.faults[0].name == "lots"


def test_the_page_of_a_hold_names_who_may_release_it(
    ada: User, ben: User, person: MakePerson, site: Site, other_site: Site
) -> None:
    person("cleo", may=["inventory.release_hold", "inventory.place_hold"], site=site)
    person("eve", may=["inventory.release_hold"], site=other_site)
    gone = person("gus", may=["inventory.release_hold"], site=site)
    gone.assignments.update(ended_at=clock.now())
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ben, site).pk, cause="quality")
    named = fact_of(ada, hold, "May be released by")
    assert named == "Ada, Cleo"
    release_hold(signed(ada, reason="polished"), hold_id=hold.pk)
    hold.refresh_from_db()
    assert fact_of(ada, hold, "May be released by") is None


def fact_of(user: User, hold: Hold, label: str) -> object:
    """Return what the page of a hold says under a label."""
    view = View(actor_for(user), hold)
    return next((f.value for f in facts_of(KINDS["holds"], view) if str(f.label) == label), None)
