"""A concession passes exactly its gate, its lots and its period."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from audit.models import OperationLog, Signature
from audit.signatures import still_binds
from erp import gates
from erp.accounts.errors import SignatureMissing, SignatureRefused
from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.errors import Blocked, IllegalStep, SamePerson
from erp.inventory.operations import hold_lot
from quality.inspection.operations import decide_inspection
from quality.nonconformity.errors import (
    ConcessionExists,
    ConcessionNamesNoLot,
    PeriodEndsBeforeItBegins,
)
from quality.nonconformity.models import Concession, Deviation
from quality.nonconformity.operations import (
    approve_concession,
    close_deviation,
    concession_content,
)
from tests.conftest import ctx_for, signed
from tests.inventory.builders import lot_in_stock
from tests.quality.builders import (
    deviation,
    dispositioned,
    evaluated,
    inspected,
    measured,
    stock_of,
)
from tests.traceability.builders import happen
from traceability.gates import ALLOCATE, ISSUE, SHIP
from traceability.models import Lot

DAY = dt.timedelta(days=1)


def conceded(user: User, found: Deviation, *, gate: str = ISSUE, **more: Any) -> Deviation:
    """Evaluate a deviation and approve a concession, valid today unless told otherwise."""
    values = {"valid_from": clock.today(), "valid_until": clock.today(), **more}
    evaluated(user, found)
    return approve_concession(
        signed(user), deviation_id=found.pk, gate=gate, justification="It is safe.", **values
    )


@pytest.fixture
def lot(ada: User, site: Site) -> Lot:
    """Return a lot that is not released."""
    return lot_in_stock(ada, site, state="quarantine")


@pytest.fixture
def planned(ben: User, site: Site, lot: Lot) -> Deviation:
    """Return a planned deviation on the lot."""
    return deviation(ben, site, lot, kind="planned")


def codes(user: User, gate: str, lot: Lot) -> set[str]:
    """Return the codes of what blocks a lot."""
    return {b.code for b in gates.blockers(gate, [lot.pk], ctx_for(user).actor)}


@pytest.mark.urs("QMS-03")
def test_it_passes_its_own_gate_and_no_other(ada: User, planned: Deviation, lot: Lot) -> None:
    conceded(ada, planned)
    assert codes(ada, ISSUE, lot) == set()
    assert codes(ada, SHIP, lot) == codes(ada, ALLOCATE, lot) == {"lot.not_released"}


def test_it_passes_its_own_lots_and_no_other(
    ada: User, site: Site, planned: Deviation, lot: Lot
) -> None:
    other = lot_in_stock(ada, site, state="quarantine", item=lot.item)
    conceded(ada, planned)
    with pytest.raises(Blocked) as refusal:
        gates.ask(ctx_for(ada), ISSUE, [lot.pk, other.pk])
    assert [b.record and b.record.label for b in refusal.value.blockers] == [other.number]


def test_it_covers_the_units_of_its_lots(
    ada: User, site: Site, planned: Deviation, lot: Lot
) -> None:
    unit = lot_in_stock(ada, site, state="quarantine", item=lot.item, kind="serial", batch=lot)
    conceded(ada, planned)
    assert codes(ada, ISSUE, unit) == set()


@pytest.mark.parametrize(
    ("since", "until", "passes"), [(0, 0, True), (-2, -1, False), (1, 2, False), (-1, 1, True)]
)
def test_it_passes_in_its_period_only(
    ada: User, planned: Deviation, lot: Lot, since: int, until: int, *, passes: bool
) -> None:
    today = clock.today()
    conceded(ada, planned, valid_from=today + since * DAY, valid_until=today + until * DAY)
    assert (codes(ada, ISSUE, lot) == set()) is passes


def test_it_never_passes_what_cannot_be_waived(
    ada: User, ben: User, site: Site, planned: Deviation, lot: Lot
) -> None:
    conceded(ada, planned)
    deviation(ben, site, lot)
    assert codes(ada, ISSUE, lot) == {"lot.on_hold"}


def test_the_log_names_the_concession_that_was_used(ada: User, ben: User, site: Site) -> None:
    inspection = inspected(ada, ben, site)
    measured(ben, inspection, diameter="10.2")
    found = deviation(ben, site, inspection.lot)
    conceded(ada, found, gate="inspection.accept")
    decide_inspection(signed(ada), inspection_id=inspection.pk, decision="accept")
    assert stock_of(inspection.lot) == {"available": 100}
    entry = OperationLog.objects.get(code="quality.decide_inspection")
    assert entry.notes["concessions"] == [
        {
            "gate": "inspection.accept",
            "record": inspection.pk,
            "blocker": "inspection.out_of_limits",
            "concession": Concession.objects.get().number,
        }
    ]


def test_who_opened_the_deviation_approves_no_concession(ben: User, planned: Deviation) -> None:
    with pytest.raises(SamePerson):
        conceded(ben, planned)


@pytest.mark.urs("QMS-03")
def test_nothing_is_conceded_before_it_was_evaluated(ada: User, planned: Deviation) -> None:
    today = clock.today()
    with pytest.raises(IllegalStep):
        approve_concession(
            signed(ada),
            deviation_id=planned.pk,
            gate=ISSUE,
            valid_from=today,
            valid_until=today,
            justification="It is safe.",
        )
    assert not Concession.objects.exists()


@pytest.mark.urs("AUD-03")
def test_it_is_signed(ada: User, planned: Deviation, lot: Lot) -> None:
    today = clock.today()
    call: dict[str, Any] = {
        "deviation_id": planned.pk,
        "gate": ISSUE,
        "valid_from": today,
        "valid_until": today,
        "justification": "x",
    }
    with pytest.raises(SignatureMissing):
        approve_concession(ctx_for(ada), **call)
    with pytest.raises(SignatureRefused):
        approve_concession(signed(ada, password="wrong"), **call)
    assert not Concession.objects.exists()
    conceded(ada, planned)
    signature = Signature.objects.get(meaning="concession")
    assert signature.content["lots"] == [[lot.item.code, lot.number]]
    planned.refresh_from_db()
    assert still_binds(signature, concession_content(planned))


def test_its_scope_and_period_are_not_empty(ada: User, ben: User, site: Site, lot: Lot) -> None:
    empty = deviation(ben, site, kind="planned")
    with pytest.raises(ConcessionNamesNoLot):
        conceded(ada, empty)
    with pytest.raises(PeriodEndsBeforeItBegins):
        conceded(ada, empty, valid_until=clock.today() - DAY)
    conceded(ada, empty, lot_ids=[lot.number])
    assert codes(ada, ISSUE, lot) == set()


def test_a_deviation_carries_one_concession(ada: User, planned: Deviation) -> None:
    conceded(ada, planned)
    with pytest.raises(ConcessionExists):
        conceded(ada, planned, gate=SHIP)


def test_a_closed_deviation_takes_no_concession(
    ada: User, ben: User, planned: Deviation, lot: Lot
) -> None:
    dispositioned(ada, planned, "use_as_is")
    close_deviation(signed(ben), deviation_id=planned.pk, outcome="done")
    with pytest.raises(IllegalStep):
        conceded(ada, planned)


@pytest.mark.urs("QMS-03")
def test_of_a_hold_on_the_material_it_knows_only_when_signed_since(
    ada: User, ben: User, site: Site
) -> None:
    """What was conceded before a hold was placed was not conceded knowing of it."""
    raw, made = lot_in_stock(ben, site), lot_in_stock(ben, site)
    happen(ada, site, [raw], [made])
    conceded(ada, deviation(ben, site, made, kind="planned"), gate=SHIP)
    hold_lot(ctx_for(ben, reason="heat in doubt"), lot_id=raw.pk, cause="supplier")
    assert codes(ada, SHIP, made) == {"lot.made_of_held"}
    conceded(ada, deviation(ben, site, made, kind="planned"), gate=SHIP)
    assert codes(ada, SHIP, made) == set()
