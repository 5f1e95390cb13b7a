"""Decisions on inspections: signed, complete, and stock follows in the same instant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from audit.models import OperationLog, Signature
from audit.queries import history_of
from audit.signatures import still_binds
from erp import gates
from erp.accounts.errors import SignatureMissing, SignatureRefused
from erp.accounts.models import Site, User
from erp.core.errors import Blocked, IllegalStep, InvalidInput, NotFound, NotPermitted
from erp.inventory.models import Hold
from quality.inspection.errors import PartDoesNotBalance, UnitsMustBeNamed, UnitsOfAnotherLot
from quality.inspection.models import Inspection
from quality.inspection.operations import decide_inspection
from quality.inspection.operations.decisions import decision_content
from quality.nonconformity.models import Deviation, DeviationLot
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import make_item
from tests.quality.builders import (
    finished,
    inspected,
    measured,
    plan,
    received,
    rejected,
    results,
    stock_of,
)
from traceability.gates import ISSUE
from traceability.models import Lot


@pytest.fixture
def inspection(ada: User, ben: User, site: Site) -> Inspection:
    """Return an open incoming inspection of 100 pieces."""
    return inspected(ada, ben, site)


@pytest.mark.urs("QMS-02")
def test_accepting_at_receipt_makes_the_lot_usable(
    ada: User, ben: User, inspection: Inspection
) -> None:
    measured(ben, inspection)
    decide_inspection(signed(ada), inspection_id=inspection.pk, decision="accept")
    inspection.refresh_from_db()
    lot = Lot.objects.get(pk=inspection.lot_id)
    assert (inspection.state, inspection.inspector, lot.state) == ("accepted", ada, "released")
    assert (inspection.accepted_quantity, inspection.rejected_quantity) == (
        Decimal(100),
        Decimal(0),
    )
    assert stock_of(lot) == {"available": 100}
    assert gates.blockers(ISSUE, [lot.pk], ctx_for(ada).actor) == []


@pytest.mark.urs("AUD-01")
def test_a_decision_is_a_step_and_alters_nothing_that_was_entered(
    ada: User, ben: User, inspection: Inspection
) -> None:
    measured(ben, inspection)
    decide_inspection(signed(ada), inspection_id=inspection.pk, decision="accept")
    newest, _first = history_of(inspection)
    assert any(change.is_step for change in newest.changes)
    assert not newest.is_altered


@pytest.mark.urs("QMS-02", "QMS-03")
def test_a_failed_inspection_blocks_its_lot_in_the_same_instant(
    ada: User, ben: User, site: Site
) -> None:
    inspection = rejected(ada, ben, site)
    lot = Lot.objects.get(pk=inspection.lot_id)
    assert (lot.state, stock_of(lot)) == ("rejected", {"blocked": 100})
    found = Deviation.objects.get(inspection=inspection)
    assert (found.state, found.opened_by, found.site) == ("open", ben, site)
    assert found.hold is not None
    assert found.hold.released_at is None
    assert "Diameter" in found.description
    blockers = gates.blockers(ISSUE, [lot.pk], ctx_for(ada).actor)
    assert {b.code for b in blockers} == {"lot.not_released", "lot.on_hold"}


def test_rejecting_needs_a_reason(ben: User, inspection: Inspection) -> None:
    with pytest.raises(InvalidInput) as refusal:
        decide_inspection(signed(ben), inspection_id=inspection.pk, decision="reject")
    assert [f.name for f in refusal.value.faults] == ["reason"]


def test_every_missing_result_stands_in_the_way_at_once(ben: User, inspection: Inspection) -> None:
    with pytest.raises(Blocked) as refusal:
        decide_inspection(signed(ben), inspection_id=inspection.pk, decision="accept")
    codes = [b.code for b in refusal.value.blockers]
    assert codes == ["inspection.result_missing", "inspection.result_missing"]
    assert all(b.record and b.record.label == inspection.number for b in refusal.value.blockers)


def test_a_result_out_of_limits_cannot_be_accepted(ben: User, inspection: Inspection) -> None:
    measured(ben, inspection, diameter="10.2")
    with pytest.raises(Blocked) as refusal:
        decide_inspection(signed(ben), inspection_id=inspection.pk, decision="accept")
    assert [b.code for b in refusal.value.blockers] == ["inspection.out_of_limits"]
    inspection.refresh_from_db()
    assert inspection.state == "open"


def test_without_a_plan_nothing_is_accepted(ada: User, ben: User, site: Site) -> None:
    inspection = Inspection.objects.get(lot=received(ada, ben, site))
    with pytest.raises(Blocked) as refusal:
        decide_inspection(signed(ben), inspection_id=inspection.pk, decision="accept")
    assert [b.code for b in refusal.value.blockers] == ["inspection.no_plan"]


def test_a_part_is_set_aside_and_the_quantities_balance(
    ada: User, ben: User, inspection: Inspection
) -> None:
    measured(ben, inspection, diameter="11")
    decide_inspection(
        signed(ada, reason="seven are too thick"),
        inspection_id=inspection.pk,
        decision="part",
        rejected_quantity=Decimal(7),
    )
    inspection.refresh_from_db()
    lot = Lot.objects.get(pk=inspection.lot_id)
    assert (inspection.state, lot.state) == ("partly_accepted", "released")
    assert (inspection.accepted_quantity, inspection.rejected_quantity) == (Decimal(93), Decimal(7))
    assert inspection.quantity == Decimal(100)
    assert stock_of(lot) == {"available": 93, "blocked": 7}
    link = DeviationLot.objects.get(lot=lot)
    assert link.quantity == Decimal(7)
    assert link.deviation.hold is None
    assert gates.blockers(ISSUE, [lot.pk], ctx_for(ada).actor) == []


@pytest.mark.parametrize("quantity", [Decimal(100), Decimal(101), None])
def test_a_part_must_be_a_true_part(
    ben: User, inspection: Inspection, quantity: Decimal | None
) -> None:
    measured(ben, inspection)
    with pytest.raises(PartDoesNotBalance):
        decide_inspection(
            signed(ben, reason="some"),
            inspection_id=inspection.pk,
            decision="part",
            rejected_quantity=quantity,
        )
    assert stock_of(inspection.lot) == {"quarantine": 100}


def test_units_are_refused_by_name(ada: User, ben: User, site: Site) -> None:
    item = make_item(tracking="both")
    plan(ben, item)
    lot = received(ada, ben, site, item, quantity=3, serials=["U1", "U2", "U3"])
    inspection = Inspection.objects.get(lot=lot)
    measured(ben, inspection)
    first = Lot.objects.get(batch=lot, number="U1")
    part: dict[str, Any] = {"inspection_id": inspection.pk, "decision": "part"}
    with pytest.raises(UnitsMustBeNamed):
        decide_inspection(signed(ada, reason="scratch"), rejected_quantity=Decimal(1), **part)
    with pytest.raises(UnitsOfAnotherLot):
        decide_inspection(signed(ada, reason="scratch"), rejected_unit_ids=[lot.pk], **part)
    decide_inspection(signed(ada, reason="scratch"), rejected_unit_ids=[first.pk], **part)
    states = dict(Lot.objects.filter(batch=lot).values_list("number", "state"))
    assert states == {"U1": "rejected", "U2": "released", "U3": "released"}
    assert stock_of(*lot.members.all()) == {"blocked": 1, "available": 2}
    assert Hold.objects.filter(lines__lot=first).count() == 1


def test_final_acceptance_does_not_release_the_batch(ada: User, ben: User, site: Site) -> None:
    batch = finished(ben, site)
    inspection = Inspection.objects.get(lot=batch)
    measured(ben, inspection)
    decide_inspection(signed(ada), inspection_id=inspection.pk, decision="accept")
    batch.refresh_from_db()
    assert batch.state == "quarantine"
    assert stock_of(batch, *batch.members.all()) == {"quarantine": 3}


@pytest.mark.urs("AUD-03")
def test_a_decision_is_signed_over_its_results(
    ada: User, ben: User, inspection: Inspection
) -> None:
    measured(ben, inspection)
    call: dict[str, Any] = {"inspection_id": inspection.pk, "decision": "accept"}
    with pytest.raises(SignatureMissing):
        decide_inspection(ctx_for(ada), **call)
    with pytest.raises(SignatureRefused):
        decide_inspection(signed(ada, password="wrong"), **call)
    assert stock_of(inspection.lot) == {"quarantine": 100}
    assert not OperationLog.objects.filter(code="quality.decide_inspection").exists()
    decide_inspection(signed(ada), **call)
    signature = Signature.objects.get(subject_model="quality.inspection", subject_pk=inspection.pk)
    inspection.refresh_from_db()
    assert signature.content["results"][0]["value"] == "10"
    assert still_binds(signature, decision_content(inspection))


def test_what_was_decided_is_not_decided_again(ada: User, ben: User, site: Site) -> None:
    inspection = rejected(ada, ben, site)
    with pytest.raises(IllegalStep):
        decide_inspection(signed(ada), inspection_id=inspection.pk, decision="accept")


@pytest.mark.urs("SEC-01")
def test_strangers_and_readers_decide_nothing(
    cleo: User, dan: User, inspection: Inspection
) -> None:
    call: dict[str, Any] = {"inspection_id": inspection.pk, "decision": "accept"}
    with pytest.raises(NotFound):
        decide_inspection(signed(dan), **call)
    with pytest.raises(NotPermitted):
        decide_inspection(signed(cleo), **call)
    assert results(inspection)
