"""Results of inspections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from equipment.gates import USE
from equipment.models import Instrument
from erp import gates
from erp.core.context import Context
from erp.core.errors import FieldFault, InvalidInput
from erp.operations import operation
from quality.inspection import steps
from quality.inspection.errors import ResultExists
from quality.inspection.inputs import RecordResults
from quality.inspection.locking import lock_inspection
from quality.inspection.models import Characteristic, Inspection, InspectionResult
from quality.inspection.states import INSPECTION, InspectionState
from quality.inspection.steps import Reading

Rows = Sequence[Mapping[str, Any]]
NAMED_SAMPLES = 10


@operation(
    "quality.record_results",
    title=_("Record results"),
    sentence=_("The results are kept with the instruments that measured them."),
    noun="inspections",
    verb="record-results",
    subject="quality.Inspection",
    subject_arg="inspection_id",
    input=RecordResults,
    states=INSPECTION,
    step="record results",
    machine=True,
    primary=True,
)
def record_results(ctx: Context, *, inspection_id: int, results: Rows) -> Inspection:
    """Write results; a value outside its limits is kept as such and decides nothing by itself.

    A sample that has a result already is a retest: it needs a reason and cites the first result.
    """
    inspection = lock_inspection(ctx, inspection_id)
    INSPECTION.next(InspectionState(inspection.state), "record results")
    characteristics = Characteristic.objects.in_bulk({row["characteristic_id"] for row in results})
    instruments = Instrument.objects.in_bulk({row.get("instrument_id") for row in results} - {None})
    _refuse_faults(inspection, results, characteristics, instruments)
    gates.ask(ctx, USE, instruments, at=ctx.at)
    replaced = _replaced(ctx, inspection, results, characteristics)
    readings = [
        Reading(
            characteristic=characteristics[row["characteristic_id"]],
            sample=row["sample"],
            value=row.get("value"),
            passed=row["verdict"] == "pass" if row.get("verdict") else None,
            instrument_id=row.get("instrument_id"),
            retest_of=replaced.get((row["characteristic_id"], row["sample"])),
        )
        for row in results
    ]
    steps.record_readings(ctx, inspection, readings)
    return inspection


def _refuse_faults(
    inspection: Inspection,
    rows: Rows,
    characteristics: Mapping[int, Characteristic],
    instruments: Mapping[int, Instrument],
) -> None:
    faults: list[FieldFault] = []
    seen: set[tuple[int, int]] = set()
    for number, row in enumerate(rows, start=1):
        characteristic = characteristics[row["characteristic_id"]]
        instrument = instruments.get(row.get("instrument_id") or 0)
        found = [
            *_wrong_kind(inspection, characteristic, row),
            *_wrong_tool(characteristic, instrument),
        ]
        if (characteristic.pk, row["sample"]) in seen:
            found.append(("sample", _t("This sample stands twice in the list.")))
        seen.add((characteristic.pk, row["sample"]))
        faults += [FieldFault(f"results.{name}", reason, number) for name, reason in found]
    if faults:
        raise InvalidInput(faults=faults)


def _wrong_kind(
    inspection: Inspection, characteristic: Characteristic, row: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    measured = characteristic.kind == Characteristic.Kind.MEASURED
    value, verdict = row.get("value"), row.get("verdict")
    if characteristic.plan_id != inspection.plan_id:
        yield "characteristic_id", _t("This characteristic is not in the inspection's plan.")
    if measured and value is None:
        yield "value", _t("Enter the measured value.")
    if not measured and not verdict:
        yield "verdict", _t("Say pass or fail.")
    if (measured and verdict) or (not measured and value is not None):
        yield "value", _t("Give a value where it is measured, pass or fail where it is judged.")


def _wrong_tool(
    characteristic: Characteristic, instrument: Instrument | None
) -> Iterator[tuple[str, str]]:
    wanted = characteristic.instrument_class
    if not wanted:
        return
    if instrument is None:
        yield "instrument_id", _t("Name the instrument: the plan asks for one.")
    elif instrument.instrument_class.strip().lower() != wanted.strip().lower():
        yield "instrument_id", _t("The plan asks for an instrument of class “%s”.") % wanted


def _replaced(
    ctx: Context, inspection: Inspection, rows: Rows, characteristics: Mapping[int, Characteristic]
) -> dict[tuple[int, int], InspectionResult]:
    standing = InspectionResult.objects.standing().filter(
        inspection=inspection,
        characteristic__in=characteristics,
        sample__in={row["sample"] for row in rows},
    )
    known = {(r.characteristic_id, r.sample): r for r in standing}
    again = [k for row in rows if (k := (row["characteristic_id"], row["sample"])) in known]
    if again and not ctx.reason.strip():
        named = [f"{characteristics[c].name} #{sample}" for c, sample in again[:NAMED_SAMPLES]]
        raise ResultExists(samples=", ".join(named))
    return {key: known[key] for key in again}
