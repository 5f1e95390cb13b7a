"""Deviations: lots are held at once, another person decides, another closes, stock follows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from audit.models import Signature
from audit.signatures import still_binds
from erp import gates
from erp.accounts.errors import SignatureMissing, SignatureRefused
from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.errors import Blocked, IllegalStep, InvalidInput, NotFound, NotPermitted, SamePerson
from erp.inventory.models import Hold
from erp.operations.availability import offers
from quality.inspection.models import Inspection
from quality.inspection.operations import decide_inspection
from quality.nonconformity.models import Deviation
from quality.nonconformity.operations import (
    approve_concession,
    close_deviation,
    disposition_content,
    disposition_deviation,
    review_deviation,
)
from tests.conftest import ctx_for, signed
from tests.inventory.builders import lot_in_stock
from tests.quality.builders import (
    deviation,
    dispositioned,
    finished,
    inspected,
    measured,
    rejected,
    reviewed,
    stock_of,
)
from traceability.gates import ISSUE, RELEASE, SHIP
from traceability.models import Lot, TraceEvent


def codes(user: User, gate: str, lot: Lot) -> set[str]:
    """Return the codes of what blocks a lot."""
    return {b.code for b in gates.blockers(gate, [lot.pk], ctx_for(user).actor)}


@pytest.mark.urs("QMS-03")
def test_a_nonconformity_holds_its_lots_at_once(ada: User, ben: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    found = deviation(ben, site, lot)
    assert (found.state, found.opened_by) == ("open", ben)
    assert codes(ada, SHIP, lot) == {"lot.on_hold"}


def test_a_planned_deviation_holds_nothing(ada: User, ben: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    found = deviation(ben, site, lot, kind="planned")
    assert found.hold is None
    assert codes(ada, SHIP, lot) == set()


def test_it_goes_through_review_and_disposition_to_its_end(
    ada: User, ben: User, site: Site
) -> None:
    lot = lot_in_stock(ada, site)
    found = deviation(ben, site, lot)
    dispositioned(ada, found, "use_as_is")
    assert codes(ada, SHIP, lot) == {"lot.on_hold"}
    close_deviation(signed(ben), deviation_id=found.pk, outcome="measured again, all good")
    found.refresh_from_db()
    assert (found.state, found.decided_by, found.closed_by) == ("closed", ada, ben)
    assert codes(ada, SHIP, lot) == set()


def test_who_opened_it_may_not_decide(ada: User, ben: User, site: Site) -> None:
    found = reviewed(ben, deviation(ben, site, lot_in_stock(ada, site)))
    call: dict[str, Any] = {"deviation_id": found.pk, "disposition": "scrap", "justification": "x"}
    with pytest.raises(SamePerson):
        disposition_deviation(signed(ben), **call)
    with pytest.raises(SignatureMissing):
        disposition_deviation(ctx_for(ada), **call)
    with pytest.raises(SignatureRefused):
        disposition_deviation(signed(ada, password="wrong"), **call)
    found.refresh_from_db()
    assert (found.state, found.disposition) == ("under_review", "")


def test_who_decided_may_not_close(ada: User, ben: User, site: Site) -> None:
    found = dispositioned(ada, deviation(ben, site, lot_in_stock(ada, site)), "use_as_is")
    with pytest.raises(SamePerson):
        close_deviation(signed(ada), deviation_id=found.pk, outcome="done")


def test_no_step_is_skipped(ada: User, ben: User, site: Site) -> None:
    found = deviation(ben, site, lot_in_stock(ada, site))
    with pytest.raises(IllegalStep):
        disposition_deviation(
            signed(ada), deviation_id=found.pk, disposition="scrap", justification="x"
        )
    with pytest.raises(IllegalStep):
        close_deviation(signed(ada), deviation_id=found.pk, outcome="x")
    dispositioned(ada, found, "use_as_is")
    close_deviation(signed(ben), deviation_id=found.pk, outcome="x")
    with pytest.raises(IllegalStep):
        reviewed(ada, found)


def test_the_dialog_says_beforehand_who_may_not_decide(ada: User, ben: User, site: Site) -> None:
    found = reviewed(ben, deviation(ben, site, lot_in_stock(ada, site)))
    found.refresh_from_db()
    offered = {o.operation.code: o.blockers for o in offers(ctx_for(ben).actor, found)}
    assert [b.code for b in offered["quality.disposition_deviation"]] == ["core.same_person"]


def test_the_disposition_is_signed_over_the_lots(ada: User, ben: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    found = dispositioned(ada, deviation(ben, site, lot), "use_as_is")
    signature = Signature.objects.get(subject_model="quality.deviation", subject_pk=found.pk)
    assert signature.content["lots"] == [[lot.item.code, lot.number, None]]
    close_deviation(signed(ben), deviation_id=found.pk, outcome="done")
    found.refresh_from_db()
    assert still_binds(signature, disposition_content(found))


@pytest.mark.parametrize(("disposition", "place"), [("scrap", "scrap"), ("return", "supplier")])
def test_scrapped_and_returned_goods_leave_stock_and_stay_held(
    ada: User, ben: User, site: Site, disposition: str, place: str
) -> None:
    inspection = rejected(ada, ben, site)
    found = Deviation.objects.get(inspection=inspection)
    dispositioned(ada, found, disposition)
    close_deviation(signed(ben), deviation_id=found.pk, outcome="done")
    lot = Lot.objects.get(pk=inspection.lot_id)
    assert (lot.state, stock_of(lot)) == ("rejected", {})
    assert lot.moves.order_by("-pk")[0].to_location.kind == place
    assert Hold.objects.open().filter(lines__lot=lot).exists()


def test_only_the_part_set_aside_is_scrapped(ada: User, ben: User, site: Site) -> None:
    inspection = inspected(ada, ben, site)
    measured(ben, inspection)
    ctx = signed(ben, reason="dented")
    decide_inspection(
        ctx, inspection_id=inspection.pk, decision="part", rejected_quantity=Decimal(8)
    )
    found = Deviation.objects.get(inspection=inspection)
    dispositioned(ada, found, "scrap")
    close_deviation(signed(ben), deviation_id=found.pk, outcome="shredded")
    lot = Lot.objects.get(pk=inspection.lot_id)
    assert (lot.state, stock_of(lot)) == ("released", {"available": 92})
    event = TraceEvent.objects.get(biz_step="destroying")
    assert [(i.lot, i.quantity) for i in event.inputs.all()] == [(lot, Decimal(8))]


def test_refused_goods_are_used_as_they_are_only_by_concession(
    ada: User, ben: User, site: Site
) -> None:
    inspection = rejected(ada, ben, site)
    found = dispositioned(ada, Deviation.objects.get(inspection=inspection), "use_as_is")
    with pytest.raises(Blocked) as refusal:
        close_deviation(signed(ben), deviation_id=found.pk, outcome="used")
    assert [b.code for b in refusal.value.blockers] == ["lot.refused"]
    today = clock.today()
    approve_concession(
        signed(ada),
        deviation_id=found.pk,
        gate="lot.use_as_is",
        valid_from=today,
        valid_until=today + dt.timedelta(days=1),
        justification="The diameter does not matter for this use.",
    )
    close_deviation(signed(ben), deviation_id=found.pk, outcome="used")
    lot = Lot.objects.get(pk=inspection.lot_id)
    assert (lot.state, stock_of(lot)) == ("released", {"available": 100})
    assert codes(ada, ISSUE, lot) == set()


def test_reworked_goods_are_inspected_again(ada: User, ben: User, site: Site) -> None:
    inspection = rejected(ada, ben, site)
    found = Deviation.objects.get(inspection=inspection)
    dispositioned(ada, found, "rework", instruction="WI-7 rev. B")
    close_deviation(signed(ben), deviation_id=found.pk, outcome="ground to size")
    lot = Lot.objects.get(pk=inspection.lot_id)
    assert (lot.state, stock_of(lot)) == ("quarantine", {"quarantine": 100})
    assert Inspection.objects.open().get(lot=lot).stage == "incoming"
    assert codes(ada, ISSUE, lot) == {"lot.not_released"}


def test_a_refused_batch_used_by_concession_still_waits_for_its_release(
    ada: User, ben: User, site: Site
) -> None:
    batch = finished(ben, site)
    inspection = Inspection.objects.get(lot=batch)
    measured(ben, inspection, diameter="11")
    ctx = signed(ben, reason="too thick")
    decide_inspection(ctx, inspection_id=inspection.pk, decision="reject")
    found = dispositioned(ada, Deviation.objects.get(inspection=inspection), "use_as_is")
    today = clock.today()
    approve_concession(
        signed(ada),
        deviation_id=found.pk,
        gate="lot.use_as_is",
        valid_from=today,
        valid_until=today,
        lot_ids=[batch.pk],
        justification="Fit for use.",
    )
    close_deviation(signed(ben), deviation_id=found.pk, outcome="accepted")
    batch.refresh_from_db()
    assert (batch.state, stock_of(*batch.members.all())) == ("quarantine", {"quarantine": 3})
    assert codes(ada, RELEASE, batch) == set()


def test_rework_names_its_instruction(ada: User, ben: User, site: Site) -> None:
    found = deviation(ben, site, lot_in_stock(ada, site))
    with pytest.raises(InvalidInput) as refusal:
        dispositioned(ada, found, "rework")
    assert [f.name for f in refusal.value.faults] == ["instruction"]


def test_scrapping_a_batch_takes_its_units(ada: User, ben: User, site: Site) -> None:
    batch = finished(ben, site)
    found = dispositioned(ada, deviation(ben, site, batch), "scrap")
    close_deviation(signed(ben), deviation_id=found.pk, outcome="shredded")
    units = list(batch.members.all())
    assert {u.state for u in units} == {"rejected"}
    assert stock_of(batch, *units) == {}


def test_a_deviation_without_lots_is_closed_all_the_same(ada: User, ben: User, site: Site) -> None:
    found = dispositioned(ada, deviation(ben, site), "use_as_is")
    close_deviation(signed(ben), deviation_id=found.pk, outcome="nothing was touched")
    found.refresh_from_db()
    assert found.state == "closed"


@pytest.mark.urs("SEC-01")
def test_strangers_and_readers_see_or_do_nothing(
    ada: User, ben: User, cleo: User, dan: User, site: Site
) -> None:
    found = deviation(ben, site, lot_in_stock(ada, site))
    assert not Deviation.objects.visible_to(ctx_for(dan).actor).exists()
    assert Deviation.objects.visible_to(ctx_for(cleo).actor).exists()
    call: dict[str, Any] = {"deviation_id": found.pk, "evaluation": "x", "notify": "x"}
    with pytest.raises(NotFound):
        review_deviation(ctx_for(dan), **call)
    with pytest.raises(NotPermitted):
        review_deviation(ctx_for(cleo), **call)
