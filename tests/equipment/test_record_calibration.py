"""Calibrations: signed, decided by their points, and heard of at once when out of tolerance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit.models import Signature
from audit.signatures import still_binds
from equipment.errors import ContradictsPoints, InstrumentRetired
from equipment.events import CalibrationOutOfTolerance
from equipment.models import Calibration, CalibrationPoint
from equipment.operations import calibration_content, record_calibration, retire_instrument
from erp.accounts.errors import SignatureMissing, SignatureRefused
from erp.accounts.models import Site, User
from erp.core import clock, events
from erp.core.errors import InvalidInput, NotPermitted
from tests.conftest import ctx_for, signed
from tests.equipment.builders import calibration, instrument, point

pytestmark = [pytest.mark.django_db, pytest.mark.urs("EQP-02")]

GOOD = [point("as_found", "10", "10.01"), point("as_found", "50", "49.99")]
BAD = [point("as_found", "10", "10.01"), point("as_found", "50", "50.05")]
BY_WHOM = {"performed_by": "Metrology laboratory", "standard_used": "GB-1"}
LEFT = [point("as_left", "50", "50.00")]


@pytest.fixture
def heard() -> Iterator[list[CalibrationOutOfTolerance]]:
    """Collect what is told of calibrations out of tolerance."""
    told: list[CalibrationOutOfTolerance] = []
    handlers = events._handlers[CalibrationOutOfTolerance]
    listen = lambda ctx, event: told.append(event)  # noqa: E731
    handlers.append(listen)
    yield told
    handlers.remove(listen)


def test_a_calibration_keeps_its_points_and_is_due_by_the_interval(ben: User, site: Site) -> None:
    made = instrument(ben, site, interval_days=100)
    done = calibration(ben, made, points=GOOD)
    assert done.number.startswith("CAL-")
    assert done.due_on == done.performed_at.date() + dt.timedelta(days=100)
    assert done.as_found == "within"
    kept = CalibrationPoint.objects.filter(calibration=done, position=2).get()
    assert (kept.reading, kept.unit) == (Decimal("49.99"), "mm")


def test_a_calibration_is_signed_over_its_points(ben: User, site: Site) -> None:
    done = calibration(ben, instrument(ben, site), points=GOOD)
    signature = Signature.objects.get(subject_model="equipment.calibration", subject_pk=done.pk)
    assert (signature.meaning, signature.signer_id) == ("verified", ben.pk)
    assert len(signature.content["points"]) == 2
    assert still_binds(signature, calibration_content(done))


def test_without_a_signature_nothing_is_recorded(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    values: dict[str, Any] = {
        "instrument_id": made.pk,
        "as_found": "within",
        "verdict": "pass",
        "performed_by": "L",
        "standard_used": "S",
    }
    with pytest.raises(SignatureMissing):
        record_calibration(ctx_for(ben), **values)
    with pytest.raises(SignatureRefused):
        record_calibration(signed(ben, password="wrong"), **values)
    assert not Calibration.objects.filter(instrument=made).exists()


def test_a_calibration_is_never_changed(ben: User, site: Site) -> None:
    done = calibration(ben, instrument(ben, site))
    with pytest.raises(DatabaseError), transaction.atomic():
        Calibration.objects.filter(pk=done.pk).update(verdict="fail")


def test_the_points_decide_how_it_was_found(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    values: dict[str, Any] = {
        "verdict": "fail",
        "performed_by": "L",
        "standard_used": "S",
        "points": BAD,
    }
    done = record_calibration(signed(ben), instrument_id=made.pk, **values)
    assert done.as_found == "out"


def test_without_points_one_must_say_how_it_was_found(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    values: dict[str, Any] = {**BY_WHOM, "verdict": "pass"}
    with pytest.raises(InvalidInput) as refusal:
        record_calibration(signed(ben), instrument_id=made.pk, **values)
    assert [f.name for f in refusal.value.faults] == ["as_found"]


@pytest.mark.parametrize(
    ("entered", "contradiction"),
    [
        ({"points": BAD, "as_found": "within", "verdict": "fail"}, "found_out"),
        ({"points": GOOD, "as_found": "out", "verdict": "fail"}, "found_out"),
        ({"as_found": "out", "verdict": "pass"}, "not_adjusted"),
        ({"points": BAD, "as_found": "out", "adjusted": True}, "not_measured"),
        (
            {"points": [*GOOD, point("as_left", "10", "10.5")], "adjusted": True},
            "left_out",
        ),
    ],
)
def test_verdicts_that_contradict_the_points_are_refused(
    ben: User, site: Site, entered: dict[str, object], contradiction: str
) -> None:
    made = instrument(ben, site)
    with pytest.raises(ContradictsPoints) as refusal:
        calibration(ben, made, **entered)
    assert f"calibration.{contradiction}" in [b.code for b in refusal.value.blockers]
    assert not made.calibrations.exists()


def test_found_out_adjusted_and_left_well_passes(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    done = calibration(ben, made, as_found="out", adjusted=True, points=[*BAD, *LEFT])
    assert (done.as_found, done.verdict) == ("out", "pass")


def test_dates_that_cannot_be_are_refused_together(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    tomorrow = clock.now() + dt.timedelta(days=1)
    with pytest.raises(InvalidInput) as refusal:
        calibration(ben, made, performed_at=tomorrow, due_on=clock.today())
    assert {f.name for f in refusal.value.faults} == {"performed_at", "due_on"}


def test_a_retired_instrument_is_not_calibrated(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    retire_instrument(ctx_for(ben, reason="worn"), instrument_id=made.pk)
    with pytest.raises(InstrumentRetired):
        calibration(ben, made)


def test_dan_can_neither_find_nor_calibrate_our_instrument(
    ben: User, dan: User, site: Site
) -> None:
    made = instrument(ben, site)
    with pytest.raises(InvalidInput) as refusal:
        calibration(dan, made)
    assert [f.name for f in refusal.value.faults] == ["instrument_id"]


def test_an_auditor_records_nothing(ben: User, cleo: User, site: Site) -> None:
    with pytest.raises(NotPermitted):
        calibration(cleo, instrument(ben, site))


@pytest.mark.urs("EQP-03")
def test_found_out_tells_since_the_last_good_calibration(
    ben: User, site: Site, heard: list[CalibrationOutOfTolerance]
) -> None:
    made = instrument(ben, site)
    now = clock.now()
    good = calibration(ben, made, performed_at=now - dt.timedelta(days=90))
    calibration(ben, made, performed_at=now - dt.timedelta(days=30), verdict="fail")
    out = calibration(ben, made, as_found="out", verdict="fail")
    assert heard == [
        CalibrationOutOfTolerance(made.pk, out.pk, good.performed_at, out.performed_at)
    ]


@pytest.mark.urs("EQP-03")
def test_found_out_at_its_first_calibration_everything_is_in_doubt(
    ben: User, site: Site, heard: list[CalibrationOutOfTolerance]
) -> None:
    calibration(ben, instrument(ben, site), as_found="out", verdict="fail")
    assert heard[0].since is None


def test_found_within_nothing_is_told(
    ben: User, site: Site, heard: list[CalibrationOutOfTolerance]
) -> None:
    calibration(ben, instrument(ben, site), points=GOOD)
    assert heard == []


def test_the_event_time_of_the_call_is_the_time_of_calibration(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    at = clock.now() - dt.timedelta(days=200)
    values: dict[str, Any] = {
        "as_found": "within",
        "verdict": "pass",
        "performed_by": "L",
        "standard_used": "S",
    }
    done = record_calibration(signed(ben, at=at), instrument_id=made.pk, **values)
    assert done.performed_at == at
