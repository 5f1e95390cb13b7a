"""What people do with instruments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Required, TypedDict, Unpack

from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from equipment import rules, steps
from equipment.errors import ContradictsPoints, InstrumentRetired
from equipment.inputs import RecordCalibration, RegisterInstrument
from equipment.locking import lock_instrument
from equipment.models import Calibration, CalibrationPoint, Instrument
from equipment.states import INSTRUMENT, InstrumentState
from erp.core import clock, numbering
from erp.core.context import Context
from erp.core.errors import Blocker, FieldFault, InvalidInput, Text
from erp.masterdata.models import Location
from erp.operations import Reason, operation

Phase = CalibrationPoint.Phase

CONTRADICTIONS: Mapping[str, Text] = {
    "found_out": _("The points as found say otherwise than “as found”."),
    "left_out": _("A point as left is out of tolerance, so the instrument cannot pass."),
    "not_adjusted": _("It was found out of tolerance and not adjusted, so it cannot pass."),
    "not_measured": _("It was adjusted: enter the points as left, too."),
}


class NewInstrument(TypedDict, total=False):
    """What is told of a new instrument; as its input says."""

    code: Required[str]
    name: Required[str]
    instrument_class: Required[str]
    site_id: Required[int]
    interval_days: Required[int]
    location_id: int | None
    maker: str
    serial_number: str
    measuring_range: str
    resolution: str
    owner_id: int | None


class Point(TypedDict, total=False):
    """One measured point; as its input says."""

    phase: Required[str]
    nominal: Required[Decimal]
    reading: Required[Decimal]
    tolerance: Required[Decimal]
    uncertainty: Decimal | None
    unit: str


class Finding(TypedDict, total=False):
    """What is told of a calibration; as its input says."""

    instrument_id: Required[int]
    verdict: Required[str]
    performed_by: Required[str]
    standard_used: Required[str]
    as_found: str
    adjusted: bool
    performed_at: dt.datetime | None
    due_on: dt.date | None
    certificate_number: str
    conditions: str
    comment: str
    points: Sequence[Point]


@operation(
    "equipment.register_instrument",
    title=_("Register instrument"),
    sentence=_("The instrument enters the register. It may be used once it has been calibrated."),
    noun="instruments",
    verb="register",
    creates="equipment.Instrument",
    input=RegisterInstrument,
)
def register_instrument(ctx: Context, **new: Unpack[NewInstrument]) -> Instrument:
    """Add an instrument to the register, at a place of its own site."""
    location_id = new.get("location_id")
    here = Location.objects.filter(pk=location_id or 0, site_id=new["site_id"], virtual=False)
    if location_id and not here.exists():
        fault = FieldFault("location_id", str(_("This place does not belong to the site.")))
        raise InvalidInput(faults=[fault])
    return steps.add_instrument(Instrument(**new))


def calibration_content(calibration: Calibration) -> dict[str, Any]:
    """Return what is signed under a calibration."""
    points = calibration.points.order_by("phase", "position")
    return {
        "number": calibration.number,
        "instrument": calibration.instrument.code,
        "performed_at": calibration.performed_at,
        "due_on": calibration.due_on,
        "as_found": calibration.as_found,
        "verdict": calibration.verdict,
        "adjusted": calibration.adjusted,
        "performed_by": calibration.performed_by,
        "standard_used": calibration.standard_used,
        "certificate_number": calibration.certificate_number,
        "conditions": calibration.conditions,
        "comment": calibration.comment,
        "points": [
            [p.phase, p.nominal, p.reading, p.tolerance, p.uncertainty, p.unit] for p in points
        ],
    }


def _site_of_instrument(_subject: Any, values: Mapping[str, Any]) -> int | None:
    found = Instrument.objects.filter(pk=values["instrument_id"])
    return found.values_list("site_id", flat=True).first()


@operation(
    "equipment.record_calibration",
    title=_("Record calibration"),
    sentence=_(
        "The calibration is recorded and decides from now on whether the instrument may be used. "
        "If it is found out of tolerance, what it measured since its last good calibration is in "
        "doubt."
    ),
    noun="calibrations",
    verb="record",
    creates="equipment.Calibration",
    input=RecordCalibration,
    site_of=_site_of_instrument,
    signed_as=Meaning.VERIFIED,
    signs=calibration_content,
)
def record_calibration(ctx: Context, **found: Unpack[Finding]) -> Calibration:
    """Record a calibration with its points; the points decide, a contradiction is refused."""
    instrument = lock_instrument(ctx, found["instrument_id"])
    if instrument.state == InstrumentState.RETIRED:
        raise InstrumentRetired(instrument=instrument.code)
    calibration = _calibration(ctx, instrument, found)
    points = _points(calibration, found.get("points", ()))
    _decide_as_found(calibration, points)
    _refuse_contradictions(calibration, points)
    calibration.number = numbering.take_one("CAL")
    return steps.add_calibration(ctx, calibration, points)


def _calibration(ctx: Context, instrument: Instrument, found: Finding) -> Calibration:
    now = ctx.at or clock.now()
    performed_at = found.get("performed_at") or now
    due_on = found.get("due_on") or (
        performed_at.date() + dt.timedelta(days=instrument.interval_days)
    )
    faults = []
    if performed_at > now:
        faults.append(FieldFault("performed_at", str(_("This lies in the future."))))
    if due_on <= performed_at.date():
        reason = _("The next calibration is due after this one.")
        faults.append(FieldFault("due_on", str(reason)))
    if faults:
        raise InvalidInput(faults=faults)
    return Calibration(
        instrument=instrument,
        performed_at=performed_at,
        due_on=due_on,
        as_found=found.get("as_found", ""),
        verdict=found["verdict"],
        adjusted=found.get("adjusted", False),
        performed_by=found["performed_by"],
        standard_used=found["standard_used"],
        certificate_number=found.get("certificate_number", ""),
        conditions=found.get("conditions", ""),
        comment=found.get("comment", ""),
        recorded_by_id=ctx.actor.user_id,
    )


def _points(calibration: Calibration, given: Sequence[Point]) -> list[CalibrationPoint]:
    return [
        CalibrationPoint(calibration=calibration, position=n, **point)
        for n, point in enumerate(given, start=1)
    ]


def _decide_as_found(calibration: Calibration, points: Sequence[CalibrationPoint]) -> None:
    found = [p for p in points if p.phase == Phase.AS_FOUND]
    if calibration.as_found:
        return
    if not found:
        reason = _("Say how it was found, or enter the points as found.")
        raise InvalidInput(faults=[FieldFault("as_found", str(reason))])
    within = rules.all_within(found)
    calibration.as_found = Calibration.AsFound.WITHIN if within else Calibration.AsFound.OUT


def _refuse_contradictions(calibration: Calibration, points: Sequence[CalibrationPoint]) -> None:
    wrong = rules.contradictions(
        as_found=calibration.as_found,
        verdict=calibration.verdict,
        adjusted=calibration.adjusted,
        found=[rules.is_within(p) for p in points if p.phase == Phase.AS_FOUND],
        left=[rules.is_within(p) for p in points if p.phase == Phase.AS_LEFT],
    )
    if wrong:
        raise ContradictsPoints(
            blockers=[Blocker(f"calibration.{slug}", CONTRADICTIONS[slug]) for slug in wrong]
        )


@operation(
    "equipment.take_out_of_service",
    title=_("Take out of service"),
    sentence=_("The instrument may not be used until it is returned to service."),
    noun="instruments",
    verb="take-out",
    subject="equipment.Instrument",
    subject_arg="instrument_id",
    states=INSTRUMENT,
    step="take out",
    reason=Reason.REQUIRED,
    danger=True,
)
def take_out_of_service(ctx: Context, *, instrument_id: int) -> Instrument:
    """Forbid the use of an instrument; the reason is kept in its history."""
    return steps.change_state(lock_instrument(ctx, instrument_id), "take out")


@operation(
    "equipment.return_to_service",
    title=_("Return to service"),
    sentence=_("The instrument may be used again if its calibration is valid."),
    noun="instruments",
    verb="return",
    subject="equipment.Instrument",
    subject_arg="instrument_id",
    states=INSTRUMENT,
    step="return",
    reason=Reason.REQUIRED,
    primary=True,
)
def return_to_service(ctx: Context, *, instrument_id: int) -> Instrument:
    """Allow the use of an instrument again; its calibration still decides at the gate."""
    return steps.change_state(lock_instrument(ctx, instrument_id), "return")


@operation(
    "equipment.retire_instrument",
    title=_("Retire"),
    sentence=_("The instrument leaves the register for good; what it measured stays known."),
    noun="instruments",
    verb="retire",
    subject="equipment.Instrument",
    subject_arg="instrument_id",
    states=INSTRUMENT,
    step="retire",
    reason=Reason.REQUIRED,
    danger=True,
)
def retire_instrument(ctx: Context, *, instrument_id: int) -> Instrument:
    """End the use of an instrument for good."""
    return steps.change_state(lock_instrument(ctx, instrument_id), "retire")
