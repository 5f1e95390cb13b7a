"""Signatures say who, when and what for, bind the exact content, and show when it changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from audit.models import Signature
from audit.queries import SignatureFact, signatures_of
from audit.signatures import content_hash
from erp.accounts.models import Site, User
from erp.inventory.models import Hold
from erp.inventory.operations import hold_lot, release_hold
from erp.operations.signed import PresentContent
from erp.organisation.operations import revise_person
from tests.conftest import MakePerson, ctx_for, signed
from tests.inventory.builders import lot_in_stock


@pytest.fixture
def hold(ada: User, ben: User, site: Site) -> Hold:
    """Return a hold that Ada released with her signature."""
    placed = hold_lot(
        ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality"
    )
    release_hold(signed(ada, reason="measured again"), hold_id=placed.pk)
    return Hold.objects.get(pk=placed.pk)


def marks(hold: Hold) -> list[SignatureFact]:
    """Return the signatures of a hold as pages and packs show them."""
    fresh = Hold.objects.get(pk=hold.pk)
    return signatures_of(fresh, PresentContent(fresh))


@pytest.mark.urs("AUD-03")
def test_a_signature_shows_name_time_meaning_and_reason(hold: Hold) -> None:
    (mark,) = marks(hold)
    assert (mark.name, mark.username, mark.reason) == ("Ada", "ada", "measured again")
    assert mark.meaning
    assert mark.statement
    assert mark.zone_offset
    assert mark.valid


@pytest.mark.urs("AUD-03")
def test_a_signature_is_void_once_its_content_changed(hold: Hold) -> None:
    Hold.objects.filter(pk=hold.pk).update(reason="something else")
    (mark,) = marks(hold)
    assert not mark.valid


@pytest.mark.urs("AUD-03")
def test_a_copied_signature_does_not_bind_another_record(
    ada: User, ben: User, site: Site, hold: Hold
) -> None:
    other = hold_lot(
        ctx_for(ben, reason="scratch"), lot_id=lot_in_stock(ada, site).pk, cause="quality"
    )
    stolen = Signature.objects.get(subject_pk=str(hold.pk))
    stolen.pk = None
    stolen.subject_pk = str(other.pk)
    with transaction.atomic():
        stolen.save(force_insert=True)
    (mark,) = marks(other)
    assert not mark.valid


@pytest.mark.urs("AUD-03")
def test_a_new_name_leaves_old_signatures_as_they_were(
    ada: User, person: MakePerson, hold: Hold
) -> None:
    admin = person("admin", may=[revise_person])
    values: dict[str, Any] = {
        "name": "Ada Neumann",
        "may_sign": True,
        "identity_checked": "passport",
    }
    revise_person(ctx_for(admin, reason="married"), user_id=ada.pk, **values)
    ada.refresh_from_db()
    assert ada.name == "Ada Neumann"
    (mark,) = marks(hold)
    assert (mark.name, mark.valid) == ("Ada", True)


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert content_hash({"a": 1, "b": [True, None]}) == content_hash({"b": [True, None], "a": 1})
