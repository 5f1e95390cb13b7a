"""Release: by someone who did not make it, signed, with every reason against it at once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from audit.models import OperationLog, Signature
from audit.queries import signatures_of
from audit.signatures import still_binds
from erp import gates
from erp.accounts.errors import SignatureMissing, SignatureRefused
from erp.accounts.models import Site, User
from erp.core.errors import Blocked, IllegalStep, InvalidInput, NotFound, NotPermitted, SamePerson
from erp.operations.signed import PresentContent
from quality.inspection.models import Inspection
from quality.inspection.operations import decide_inspection
from quality.nonconformity.models import Deviation
from quality.release.models import LotRelease
from quality.release.operations import reject_lot, release_content, release_lot
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import make_item
from tests.quality.builders import (
    accepted,
    deviation,
    finished,
    measured,
    plan,
    product,
    received,
    reported,
    started,
    stock_of,
)
from traceability.gates import RELEASE, SHIP
from traceability.models import Lot
from traceability.steps import change_state


@pytest.fixture
def batch(ben: User, site: Site) -> Lot:
    """Return a batch of three units that Ben made and inspected."""
    made = finished(ben, site)
    accepted(ben, made)
    return made


def inspected_batch(ada: User, ben: User, site: Site) -> tuple[Lot, Lot]:
    """Return a batch that Ben made and Ada inspected, with the material that went in."""
    item = product()
    plan(ben, item, stage="final")
    order, material = started(ben, site, item)
    batch = reported(ben, order, material)
    accepted(ada, batch)
    return batch, material


def codes(user: User, lot: Lot) -> set[str]:
    """Return the codes of what stands against the release of a lot."""
    return {b.code for b in gates.blockers(RELEASE, [lot.pk], ctx_for(user).actor)}


@pytest.mark.urs("QMS-03")
def test_release_makes_the_lot_and_its_units_usable(ada: User, batch: Lot) -> None:
    release_lot(signed(ada), lot_id=batch.pk, comment="all in order")
    batch.refresh_from_db()
    units = list(batch.members.all())
    assert (batch.state, {u.state for u in units}) == ("released", {"released"})
    assert stock_of(batch, *units) == {"available": 3}
    actor = ctx_for(ada).actor
    assert gates.blockers(SHIP, [u.pk for u in units], actor) == []
    release = LotRelease.objects.get(lot=batch)
    assert (release.decided_by, release.quantity, release.decision) == (ada, Decimal(3), "released")
    assert set(release.checks.values()) == {"ok"}
    assert "quality.nonconformity.gates.deviation_open" in release.checks
    assert release.content["inspections"][0]["verdict"] == "accepted"


@pytest.mark.urs("AUD-03")
def test_a_second_release_leaves_the_first_signature_standing(ada: User, batch: Lot) -> None:
    release_lot(signed(ada), lot_id=batch.pk, comment="all in order")
    batch.refresh_from_db()
    change_state(ctx_for(ada), [batch], "quarantine")
    release_lot(signed(ada), lot_id=batch.pk, comment="looked at again")
    assert signatures_stand(batch) == [True, True]
    Lot.objects.filter(pk=batch.pk).update(udi_pi="(10)OTHER")
    assert signatures_stand(batch) == [False, False]


def signatures_stand(lot: Lot) -> list[bool]:
    """Return for each signature of a lot, oldest first, whether it is shown as valid."""
    fresh = Lot.objects.get(pk=lot.pk)
    return [mark.valid for mark in signatures_of(fresh, PresentContent(fresh))]


def test_who_made_it_may_not_release_it(ben: User, batch: Lot) -> None:
    with pytest.raises(SamePerson):
        release_lot(signed(ben), lot_id=batch.pk)
    unit = batch.members.first()
    assert unit is not None
    with pytest.raises(SamePerson):
        release_lot(signed(ben), lot_id=unit.pk)


def test_who_only_inspected_it_may_release_it(ada: User, ben: User, site: Site) -> None:
    item = product()
    plan(ben, item, stage="final")
    made = reported(ada, *started(ada, site, item))
    accepted(ben, made)
    release_lot(signed(ben), lot_id=made.pk)
    made.refresh_from_db()
    assert made.state == "released"


@pytest.mark.urs("AUD-03")
def test_release_is_signed_and_a_wrong_password_leaves_nothing(ada: User, batch: Lot) -> None:
    with pytest.raises(SignatureMissing):
        release_lot(ctx_for(ada), lot_id=batch.pk)
    with pytest.raises(SignatureRefused):
        release_lot(signed(ada, password="wrong"), lot_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == "quarantine"
    assert not LotRelease.objects.exists()
    assert not OperationLog.objects.filter(code="quality.release_lot").exists()
    release_lot(signed(ada), lot_id=batch.pk)
    signature = Signature.objects.get(meaning="released")
    batch.refresh_from_db()
    assert signature.content["lot"] == batch.number
    assert still_binds(signature, release_content(batch))


def test_the_signature_is_void_when_the_lot_is_changed_afterwards(ada: User, batch: Lot) -> None:
    release_lot(signed(ada), lot_id=batch.pk)
    signature = Signature.objects.get(meaning="released")
    Lot.objects.filter(pk=batch.pk).update(udi_pi="(10)OTHER")
    batch.refresh_from_db()
    assert not still_binds(signature, release_content(batch))


@pytest.mark.urs("QMS-03")
def test_all_reasons_against_a_release_come_at_once(ada: User, ben: User, site: Site) -> None:
    order, material = started(ben, site, product())
    batch = order.batch
    assert batch is not None
    deviation(ben, site, batch)
    assert codes(ada, batch) == {"production.work_order_open", "lot.on_hold", "deviation.open"}
    reported(ben, order, material)
    assert codes(ada, batch) == {"inspection.open", "lot.on_hold", "deviation.open"}
    with pytest.raises(Blocked) as refusal:
        release_lot(signed(ada), lot_id=batch.pk)
    assert {b.code for b in refusal.value.blockers} == codes(ada, batch)
    assert all(b.record and b.record.url for b in refusal.value.blockers)


def test_a_failed_inspection_stands_against_a_release(ada: User, ben: User, site: Site) -> None:
    batch = finished(ben, site)
    inspection = Inspection.objects.get(lot=batch)
    measured(ben, inspection, diameter="11")
    ctx = signed(ben, reason="too thick")
    decide_inspection(ctx, inspection_id=inspection.pk, decision="reject")
    assert {"inspection.failed", "deviation.open", "lot.on_hold"} <= codes(ada, batch)
    with pytest.raises(IllegalStep):
        release_lot(signed(ada), lot_id=batch.pk)


def test_a_deviation_on_a_unit_or_on_what_went_in_stands_against_it(
    ada: User, ben: User, site: Site
) -> None:
    batch, material = inspected_batch(ada, ben, site)
    assert codes(ada, batch) == set()
    deviation(ben, site, material)
    assert codes(ada, batch) == {"deviation.open", "lot.made_of_held"}
    unit = batch.members.first()
    assert unit is not None
    deviation(ben, site, unit)
    blockers = gates.blockers(RELEASE, [batch.pk], ctx_for(ada).actor)
    found = sorted(b.code for b in blockers)
    assert found == ["deviation.open", "deviation.open", "lot.made_of_held"]


def test_a_part_set_aside_does_not_stand_against_what_was_made_of_the_rest(
    ada: User, ben: User, site: Site
) -> None:
    batch, material = inspected_batch(ada, ben, site)
    part = deviation(ada, site)
    part.lots.create(lot=material, quantity=2)
    assert codes(ada, batch) == set()


def test_units_refused_at_final_inspection_stay_refused(ada: User, ben: User, site: Site) -> None:
    batch = finished(ben, site)
    inspection = Inspection.objects.get(lot=batch)
    measured(ben, inspection)
    bad = batch.members.order_by("pk")[0]
    ctx = signed(ben, reason="scratch")
    decide_inspection(ctx, inspection_id=inspection.pk, decision="part", rejected_unit_ids=[bad.pk])
    found = Deviation.objects.get(inspection=inspection)
    assert [x.lot for x in found.lots.all()] == [bad]
    assert codes(ada, batch) == {"deviation.open"}


def test_goods_not_inspected_at_receipt_are_released_by_hand(
    ada: User, ben: User, site: Site
) -> None:
    lot = received(ada, ben, site, make_item(inspection_required=False))
    release_lot(signed(ada), lot_id=lot.pk)
    lot.refresh_from_db()
    assert (lot.state, stock_of(lot)) == ("released", {"available": 100})


def test_a_lot_is_released_once(ada: User, batch: Lot) -> None:
    release_lot(signed(ada), lot_id=batch.pk)
    with pytest.raises(IllegalStep):
        release_lot(signed(ada), lot_id=batch.pk)
    assert LotRelease.objects.count() == 1


@pytest.mark.urs("SEC-01")
def test_strangers_and_readers_release_nothing(cleo: User, dan: User, batch: Lot) -> None:
    with pytest.raises(NotFound):
        release_lot(signed(dan), lot_id=batch.pk)
    with pytest.raises(NotPermitted):
        release_lot(signed(cleo), lot_id=batch.pk)


def test_rejecting_blocks_the_lot_with_its_units(ada: User, batch: Lot) -> None:
    with pytest.raises(InvalidInput):
        reject_lot(signed(ada), lot_id=batch.pk)
    with pytest.raises(SignatureMissing):
        reject_lot(ctx_for(ada, reason="wrong label"), lot_id=batch.pk)
    reject_lot(signed(ada, reason="wrong label"), lot_id=batch.pk)
    units = list(batch.members.all())
    assert {u.state for u in units} == {"rejected"}
    assert stock_of(batch, *units) == {"blocked": 3}
    assert LotRelease.objects.get(lot=batch).comment == "wrong label"


def test_a_released_lot_can_still_be_rejected(ada: User, batch: Lot) -> None:
    release_lot(signed(ada), lot_id=batch.pk)
    reject_lot(signed(ada, reason="complaint"), lot_id=batch.pk)
    assert stock_of(batch, *batch.members.all()) == {"blocked": 3}
