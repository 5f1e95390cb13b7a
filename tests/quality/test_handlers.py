"""Nonconformities that open by themselves, in the instant the fact is known."""

from __future__ import annotations

import datetime as dt

import pytest

from equipment.models import Instrument
from erp import gates
from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.errors import DomainError
from erp.inventory.models import Hold
from erp.masterdata.models import Location
from erp.production.models import ProcessCycle
from erp.production.operations import receive_from_subcontractor, send_to_subcontractor
from quality.inspection.models import Inspection
from quality.inspection.operations import record_results
from quality.nonconformity.models import Deviation
from tests.conftest import ctx_for
from tests.equipment.builders import calibrated, calibration, instrument, point
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_partner
from tests.quality.builders import finished, inspected
from traceability.gates import RELEASE
from traceability.models import Lot

BAD = [point("as_found", "10", "10.5")]


def measure(user: User, inspection: Inspection, caliper: Instrument, at: dt.datetime) -> None:
    """Record one result with an instrument at a time."""
    code = f"{inspection.plan}/1"
    row = {"characteristic_id": code, "value": "10", "instrument_id": caliper.pk}
    record_results(ctx_for(user, at=at), inspection_id=inspection.pk, results=[row])


@pytest.mark.urs("QMS-03", "EQP-03")
def test_out_of_tolerance_lists_exactly_the_lots_measured_since_it_was_good(
    ada: User, ben: User, site: Site
) -> None:
    caliper, other = instrument(ada, site), calibrated(ada, site)
    now = clock.now()
    long_ago, good, since = (now - dt.timedelta(days=n) for n in (20, 10, 5))
    calibration(ada, caliper, performed_at=now - dt.timedelta(days=30))
    before, after, untouched = (inspected(ada, ben, site) for _n in range(3))
    measure(ben, before, caliper, long_ago)
    calibration(ada, caliper, performed_at=good)
    measure(ben, after, caliper, since)
    measure(ben, untouched, other, since)
    failed = calibration(ada, caliper, as_found="out", verdict="fail", points=BAD)
    found = Deviation.objects.get(calibration=failed)
    assert [link.lot_id for link in found.lots.all()] == [after.lot_id]
    assert found.source == failed.number
    assert found.hold is not None
    assert (found.hold.cause, found.hold.lines.count()) == (Hold.Cause.CALIBRATION, 1)


def test_an_instrument_that_measured_nothing_is_recorded_all_the_same(
    ada: User, site: Site
) -> None:
    failed = calibration(ada, instrument(ada, site), as_found="out", verdict="fail", points=BAD)
    found = Deviation.objects.get(calibration=failed)
    assert (found.lots.count(), found.hold) == (0, None)


def sent(user: User, batch: Lot) -> ProcessCycle:
    """Send a batch out for sterilisation."""
    partner = make_partner(is_subcontractor=True)
    place = Location.objects.create(
        site=batch.site,
        code=f"STER-{batch.pk}",
        name="Steriliser",
        kind="subcontractor",
        partner=partner,
    )
    ctx = ctx_for(user)
    return send_to_subcontractor(ctx, lot_id=batch.pk, kind="sterilisation", place_id=place.pk)


@pytest.mark.parametrize("conforming", [True, False])
def test_a_process_that_does_not_conform_holds_its_batch(
    ada: User, ben: User, site: Site, *, conforming: bool
) -> None:
    batch = finished(ben, site)
    cycle = sent(ben, batch)
    receive_from_subcontractor(
        ctx_for(ben), cycle_id=cycle.pk, cycle_number="S-77", conforming=conforming
    )
    opened = Deviation.objects.filter(cycle=cycle)
    assert opened.exists() is not conforming
    codes = {b.code for b in gates.blockers(RELEASE, [batch.pk], ctx_for(ada).actor)}
    assert ("lot.on_hold" in codes) is not conforming
    assert ("deviation.open" in codes) is not conforming


def test_what_is_opened_is_undone_with_the_operation_that_caused_it(
    ada: User, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise DomainError

    caliper = instrument(ada, site)
    lot_in_stock(ada, site)
    monkeypatch.setattr("quality.nonconformity.steps.DeviationLot.objects.bulk_create", refuse)
    with pytest.raises(DomainError):
        calibration(ada, caliper, as_found="out", verdict="fail", points=BAD)
    assert not Deviation.objects.exists()
    assert not caliper.calibrations.exists()
