"""The gate "instrument.use" and the record of what an instrument measured."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from equipment.gates import USE
from equipment.models import InstrumentUse
from equipment.operations import retire_instrument, take_out_of_service
from equipment.queries import instruments_used, lots_touched
from equipment.steps import note_uses
from equipment.trace import events, instruments
from erp import gates
from erp.accounts.models import Site, User
from erp.accounts.queries import actor_for
from erp.core import clock
from erp.core.errors import Blocked
from tests.conftest import ctx_for
from tests.equipment.builders import calibrated, calibration, instrument, measured, overdue
from tests.inventory.builders import lot_in_stock
from traceability.steps import observe, record_all

pytestmark = pytest.mark.django_db


def _codes(user: User, *pks: int) -> list[str]:
    return [b.code for b in gates.blockers(USE, pks, actor_for(user))]


@pytest.mark.urs("EQP-02")
def test_a_calibrated_instrument_may_be_used(ben: User, site: Site) -> None:
    made = calibrated(ben, site)
    assert gates.ask(ctx_for(ben), USE, [made.pk]) == {}


@pytest.mark.urs("EQP-02")
def test_all_reasons_against_use_come_back_together(ben: User, site: Site) -> None:
    never = instrument(ben, site)
    late = overdue(ben, site)
    failed = calibrated(ben, site)
    calibration(ben, failed, verdict="fail")
    out = calibrated(ben, site)
    take_out_of_service(ctx_for(ben, reason="dropped"), instrument_id=out.pk)
    with pytest.raises(Blocked) as refusal:
        gates.ask(ctx_for(ben), USE, [i.pk for i in (never, late, failed, out)])
    assert sorted(b.code for b in refusal.value.blockers) == [
        "instrument.calibration_failed",
        "instrument.calibration_overdue",
        "instrument.never_calibrated",
        "instrument.out_of_service",
    ]
    assert all(b.record is not None for b in refusal.value.blockers)


def test_a_retired_instrument_is_out_of_service(ben: User, site: Site) -> None:
    made = calibrated(ben, site)
    retire_instrument(ctx_for(ben, reason="worn"), instrument_id=made.pk)
    assert _codes(ben, made.pk) == ["instrument.out_of_service"]


def test_a_good_calibration_after_a_failed_one_counts(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    calibration(ben, made, verdict="fail", performed_at=clock.now() - dt.timedelta(days=2))
    calibration(ben, made)
    assert _codes(ben, made.pk) == []


def test_the_last_day_of_a_calibration_is_a_good_day(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    due = clock.today() + dt.timedelta(days=10)
    calibration(ben, made, due_on=due)
    noon = dt.time(12, tzinfo=dt.UTC)
    with time_machine.travel(dt.datetime.combine(due, noon)):
        assert _codes(ben, made.pk) == []
    with time_machine.travel(dt.datetime.combine(due + dt.timedelta(days=1), noon)):
        assert _codes(ben, made.pk) == ["instrument.calibration_overdue"]


def test_the_gate_costs_the_same_for_one_and_for_many(ben: User, site: Site) -> None:
    many = [overdue(ben, site).pk for _n in range(12)]
    with CaptureQueriesContext(
        connection,
    ) as one:
        _codes(ben, many[0])
    with CaptureQueriesContext(connection) as all_of_them:
        assert len(_codes(ben, *many)) == 12
    assert len(all_of_them) == len(one)


@pytest.mark.urs("TRC-02", "TRC-03")
def test_a_use_remembers_the_calibration_it_relied_on(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    first = calibration(ben, made, performed_at=clock.now() - dt.timedelta(days=30))
    lot = lot_in_stock(ben, site)
    event = measured(ben, site, lot, with_=[made])
    with time_machine.travel(clock.now() + dt.timedelta(days=1)):
        calibration(ben, made)
    used = instruments_used([event.pk])[event.pk]
    assert [(u.instrument, u.calibration) for u in used] == [(made, first)]


def test_an_event_names_an_instrument_once_and_for_good(ben: User, site: Site) -> None:
    made = calibrated(ben, site)
    event = measured(ben, site, lot_in_stock(ben, site), with_=[made, made])
    uses = InstrumentUse.objects.filter(event=event)
    assert uses.count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        uses.delete()


def test_uses_of_many_events_are_written_in_one_statement(ben: User, site: Site) -> None:
    made = calibrated(ben, site)
    lot = lot_in_stock(ben, site)
    ctx = ctx_for(ben)
    happenings = [observe("inspecting", site.pk, {lot.pk: None}) for _n in range(50)]
    found = record_all(ctx, happenings)
    with CaptureQueriesContext(connection) as queries:
        note_uses(ctx, found, [made.pk])
    assert len(queries) == 1
    assert set(instruments_used([e.pk for e in found])) == {e.pk for e in found}


@pytest.mark.urs("TRC-04")
def test_a_trace_starts_from_an_instrument_within_a_period(ben: User, site: Site) -> None:
    made = calibrated(ben, site)
    other = calibrated(ben, site)
    lot = lot_in_stock(ben, site)
    event = measured(ben, site, lot, with_=[made])
    measured(ben, site, lot, with_=[other])
    now = clock.now()
    hour = dt.timedelta(hours=1)
    assert list(events([made.pk], None, None)) == [event]
    assert list(events([made.pk], now - hour, now + hour)) == [event]
    assert list(events([made.pk], now + hour, None)) == []


@pytest.mark.urs("TRC-03")
def test_a_trace_shows_the_instruments_on_the_way(ben: User, site: Site) -> None:
    made = calibrated(ben, site, code="C-17")
    event = measured(ben, site, lot_in_stock(ben, site), with_=[made])
    (row,) = instruments([event.pk], [])
    assert "C-17" in str(row.label)
    assert "CAL-" in str(row.detail)
    assert row.url == f"/instruments/{made.pk}/"


def test_what_an_event_touched_is_counted(ben: User, site: Site) -> None:
    made = calibrated(ben, site)
    lot = lot_in_stock(ben, site)
    event = measured(ben, site, lot, with_=[made])
    touched = lots_touched([event.pk])[event.pk]
    assert (touched.count, touched.lot) == (1, lot)
