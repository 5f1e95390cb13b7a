"""The door itself: order of checks, one transaction, idempotency, versions, log, nothing left."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from audit.meanings import Meaning
from audit.models import IdempotencyRecord, OperationLog, Signature
from audit.signatures import content_hash, still_binds
from erp.accounts.errors import OtherMeaning
from erp.accounts.models import SecurityEvent, Site, User
from erp.core import clock
from erp.core.context import Expected, SigningProof
from erp.core.errors import Busy, IdempotencyMismatch, InvalidInput, NotFound, NotPermitted, Stale
from erp.inventory.errors import NotEnoughStock
from erp.inventory.models import Balance, Hold, StockMove
from erp.inventory.operations import (
    hold_content,
    hold_lot,
    place_hold,
    release_hold,
    transfer_stock,
)
from tests.conftest import PASSWORD, ctx_for, make_person, make_site, signed
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import place
from traceability.models import Lot, TraceEvent


def move_ten(user: User, lot: Lot, site: Site, **more: Any) -> Lot:
    """Move ten of a lot from store to line."""
    return transfer_stock(
        ctx_for(user, **more),
        lot_id=lot.pk,
        from_location_id=place(site, "storage").pk,
        status="available",
        to_location_id=place(site, "line").pk,
        quantity=Decimal(10),
    )


def together(work: Callable[[], None], times: int) -> None:
    """Do the same several times at once, each on a connection of its own."""
    threads = [threading.Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)


@pytest.mark.urs("AUD-01")
def test_an_operation_is_logged_once_with_who_why_and_where(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site)
    hold = hold_lot(ctx_for(ben, reason="dent", address="10.0.0.7"), lot_id=lot.pk, cause="quality")
    entry = OperationLog.objects.get(code="inventory.hold_lot")
    assert (entry.actor_id, entry.reason, entry.address) == (ben.pk, "dent", "10.0.0.7")
    assert (entry.subject_model, entry.subject_pk) == ("traceability.lot", str(lot.pk))
    assert hold.history.get().history_operation_id == entry.pk


def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site)
    for _ in range(3):
        move_ten(ben, lot, site, idempotency_key="once")
    assert Balance.objects.get(lot=lot, location=place(site, "line")).quantity == 10


def test_a_key_used_with_other_content_is_refused(ben: User, site: Site) -> None:
    lot, other = lot_in_stock(ben, site), lot_in_stock(ben, site)
    move_ten(ben, lot, site, idempotency_key="k")
    with pytest.raises(IdempotencyMismatch):
        move_ten(ben, other, site, idempotency_key="k")


def test_a_refused_call_leaves_its_key_free(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site, quantity=5)
    with pytest.raises(NotEnoughStock):
        move_ten(ben, lot, site, idempotency_key="k")
    assert not IdempotencyRecord.objects.filter(key="k").exists()


def test_a_decision_on_an_old_version_is_stale(ada: User, ben: User, site: Site) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ben, site).pk, cause="quality")
    seen = Expected("inventory.hold", str(hold.pk), hold.row_version)
    Hold.objects.filter(pk=hold.pk).update(reason="bigger dent")
    with pytest.raises(Stale):
        release_hold(signed(ada, reason="ok", expected=seen), hold_id=hold.pk)


def test_a_refusal_leaves_nothing_but_a_row_in_the_access_log(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site, quantity=5)
    before = (StockMove.objects.count(), TraceEvent.objects.count(), OperationLog.objects.count())
    with pytest.raises(NotEnoughStock) as refusal:
        move_ten(ben, lot, site)
    assert refusal.value.blockers[0].code == "inventory.short"
    assert before == (
        StockMove.objects.count(),
        TraceEvent.objects.count(),
        OperationLog.objects.count(),
    )
    assert SecurityEvent.objects.filter(code="inventory.not_enough_stock").count() == 1


@pytest.mark.parametrize(
    "quantity", ["-1", "0", "0.0000001", "1e30", "NaN", "Infinity", "ten", "", None, [1], {}]
)
@pytest.mark.urs("INV-01")
def test_a_bad_quantity_names_its_field(ben: User, site: Site, quantity: Any) -> None:
    lot = lot_in_stock(ben, site)
    with pytest.raises(InvalidInput) as refusal:
        transfer_stock(
            ctx_for(ben),
            lot_id=lot.pk,
            from_location_id=place(site, "storage").pk,
            status="available",
            to_location_id=place(site, "line").pk,
            quantity=quantity,
        )
    assert [f.name for f in refusal.value.faults] == ["quantity"]


def test_half_a_piece_is_refused(ben: User, site: Site) -> None:
    from erp.inventory.errors import TooFine  # noqa: PLC0415

    lot = lot_in_stock(ben, site)
    with pytest.raises(TooFine):
        transfer_stock(
            ctx_for(ben),
            lot_id=lot.pk,
            from_location_id=place(site, "storage").pk,
            status="available",
            to_location_id=place(site, "line").pk,
            quantity=Decimal("0.5"),
        )


@pytest.mark.urs("SEC-01")
def test_permission_at_one_site_is_not_permission_at_another(ben: User, other_site: Site) -> None:
    make_person("eve", may=[place_hold, hold_lot], site=other_site)
    lot = lot_in_stock(ben, other_site)
    with pytest.raises(NotFound):
        hold_lot(ctx_for(ben, reason="x"), lot_id=lot.pk, cause="quality")


def test_moving_to_a_site_needs_nothing_there_but_taking_from_it_does(
    ben: User, site: Site, other_site: Site
) -> None:
    lot = lot_in_stock(ben, site)
    visitor = make_person("fay", may=[transfer_stock], site=site)
    with pytest.raises((NotPermitted, InvalidInput)):
        transfer_stock(
            ctx_for(visitor),
            lot_id=lot.pk,
            from_location_id=place(other_site, "storage").pk,
            status="available",
            to_location_id=place(site, "line").pk,
            quantity=Decimal(1),
        )


@pytest.mark.urs("AUD-03")
def test_a_signature_binds_the_content_and_is_void_when_it_changes(
    ada: User, ben: User, site: Site
) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ben, site).pk, cause="quality")
    release_hold(signed(ada, reason="checked"), hold_id=hold.pk)
    signature = Signature.objects.get(subject_model="inventory.hold", subject_pk=str(hold.pk))
    hold.refresh_from_db()
    assert (signature.printed_name, signature.meaning) == ("Ada", "approved")
    assert signature.content_hash == content_hash(hold_content(hold))
    hold.reason = "something else"
    assert not still_binds(signature, hold_content(hold))


@pytest.mark.urs("AUD-03")
def test_nobody_signs_in_another_name(ada: User, ben: User, site: Site) -> None:
    from erp.accounts.errors import SignerIsNotActor  # noqa: PLC0415
    from erp.core.context import SigningProof  # noqa: PLC0415

    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ben, site).pk, cause="quality")
    with pytest.raises(SignerIsNotActor):
        release_hold(
            ctx_for(ada, reason="x", signature=SigningProof("ben", "correct horse battery")),
            hold_id=hold.pk,
        )


@pytest.mark.urs("INV-01")
def test_two_at_once_never_take_more_than_there_is(committed: None) -> None:
    """Eight people take ten of a lot of fifty at the same moment: five succeed, none waits for
    ever.
    """
    mark = uuid.uuid4().hex[:8]
    site = make_site(f"R{mark}")
    user = make_person(f"racer-{mark}", may=[transfer_stock], site=site)
    lot = lot_in_stock(user, site, quantity=50, number=f"RACE-{mark}")
    outcomes: list[str] = []

    def take() -> None:
        try:
            move_ten(user, lot, site)
            outcomes.append("moved")
        except NotEnoughStock:
            outcomes.append("short")
        except Busy:
            outcomes.append("busy")
        finally:
            connection.close()

    together(take, 8)
    assert sorted(outcomes) == ["moved"] * 5 + ["short"] * 3
    assert Balance.objects.get(lot=lot, location=place(site, "storage")).quantity == 0


def test_a_twin_call_with_the_same_key_is_done_once(committed: None) -> None:
    mark = uuid.uuid4().hex[:8]
    site = make_site(f"T{mark}")
    user = make_person(f"twin-{mark}", may=[transfer_stock], site=site)
    lot = lot_in_stock(user, site, quantity=50, number=f"TWIN-{mark}")
    outcomes: list[str] = []

    def take() -> None:
        try:
            move_ten(user, lot, site, idempotency_key=f"twin-{mark}")
            outcomes.append("done")
        finally:
            connection.close()

    together(take, 4)
    assert outcomes == ["done"] * 4, "each is told what was done once"
    assert Balance.objects.get(lot=lot, location=place(site, "line")).quantity == 10


def test_a_twin_that_finds_it_done_is_told_so_and_not_refused(committed: None) -> None:
    """Who waits for the lock of its own twin reads the new state, and would be refused by it."""
    mark = uuid.uuid4().hex[:8]
    site = make_site(f"S{mark}")
    user = make_person(f"release-{mark}", may=[release_hold], site=site)
    lot = lot_in_stock(user, site, quantity=50, number=f"HELD-{mark}")
    holder = make_person(f"holder-{mark}", may=[hold_lot], site=site)
    hold = hold_lot(ctx_for(holder, reason="dent"), lot_id=lot.pk, cause="quality")
    outcomes: list[int] = []

    def take() -> None:
        try:
            told = release_hold(
                signed(user, reason="no dent", idempotency_key=f"twin-{mark}"), hold_id=hold.pk
            )
            outcomes.append(told.pk)
        finally:
            connection.close()

    together(take, 4)
    assert outcomes == [hold.pk] * 4
    assert OperationLog.objects.filter(code="inventory.release_hold", actor=user).count() == 1


def test_a_field_nobody_knows_is_refused_and_nothing_is_done(ben: User, site: Site) -> None:
    """Whoever names a lot in a field of another name gets no other lot instead."""
    said: Any = {"lot_id": lot_in_stock(ben, site).pk, "cause": "quality", "lots": "L-1"}
    with pytest.raises(InvalidInput) as refusal:
        hold_lot(ctx_for(ben, reason="dent"), **said)
    (fault,) = refusal.value.faults
    assert fault.name == "lots"
    assert "cause" in str(fault.reason)
    assert not Hold.objects.exists()


def test_a_signature_of_another_meaning_is_refused_by_its_name(
    ada: User, ben: User, site: Site
) -> None:
    lot = lot_in_stock(ben, site)
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    proof = SigningProof(ada.username, PASSWORD, Meaning.REVIEWED)
    with pytest.raises(OtherMeaning):
        release_hold(ctx_for(ada, reason="no dent", signature=proof), hold_id=hold.pk)
    assert Hold.objects.get(pk=hold.pk).released_at is None


def test_a_signature_has_the_time_of_signing_also_where_the_deed_is_told_later(
    ada: User, ben: User, site: Site
) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ben, site).pk, cause="quality")
    now = clock.now()
    at = now - dt.timedelta(hours=3)
    release_hold(signed(ada, reason="no dent", at=at), hold_id=hold.pk)
    signature = Signature.objects.get()
    assert signature.operation.at == at
    assert signature.signed_at >= now
    recorded = signature.operation.recorded_later
    assert recorded is not None
    assert recorded >= now - dt.timedelta(seconds=1)
