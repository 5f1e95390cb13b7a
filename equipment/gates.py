"""Whether an instrument may be used: in service, calibrated, in date, last calibration passed."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from equipment.models import Calibration, Instrument
from equipment.queries import latest_calibrations
from equipment.states import INSTRUMENT, InstrumentState
from erp import gates
from erp.core import clock
from erp.core.errors import Blocker, RecordRef, Text
from erp.gates import Answer, Question

USE = gates.define("instrument.use", _("May these instruments be used?"))


def ref(instrument: Instrument) -> RecordRef:
    """Return the pointer to an instrument."""
    url = f"/instruments/{instrument.pk}/"
    return RecordRef("equipment.instrument", str(instrument.pk), instrument.code, url)


def _ref_of(calibration: Calibration) -> RecordRef:
    url = f"/calibrations/{calibration.pk}/"
    return RecordRef("equipment.calibration", str(calibration.pk), calibration.number, url)


@gates.check(USE)
def out_of_service(question: Question) -> Iterator[Answer]:
    """An instrument that is out of service or retired measures nothing."""
    idle = Instrument.objects.filter(pk__in=question.ids).exclude(state=InstrumentState.IN_SERVICE)
    for instrument in idle:
        state = INSTRUMENT.labels[InstrumentState(instrument.state)]
        sentence = _("%(instrument)s is %(state)s.") % {
            "instrument": instrument.code,
            "state": state,
        }
        yield Answer(instrument.pk, Blocker("instrument.out_of_service", sentence, ref(instrument)))


@gates.check(USE)
def not_calibrated(question: Question) -> Iterator[Answer]:
    """An instrument without a valid, passed calibration measures nothing (ISO 13485, 7.6)."""
    latest = latest_calibrations(question.ids)
    for instrument in Instrument.objects.filter(pk__in=question.ids):
        blocker = _calibration_blocker(instrument, latest.get(instrument.pk))
        if blocker is not None:
            yield Answer(instrument.pk, blocker)


def _calibration_blocker(instrument: Instrument, latest: Calibration | None) -> Blocker | None:
    if latest is None:
        sentence: Text = _("%(instrument)s was never calibrated.") % {"instrument": instrument.code}
        return Blocker("instrument.never_calibrated", sentence, ref(instrument), waivable=True)
    facts = {
        "instrument": instrument.code,
        "calibration": latest.number,
        "date": latest.due_on.isoformat(),
    }
    if latest.verdict == Calibration.Verdict.FAIL:
        sentence = _("%(instrument)s failed its last calibration %(calibration)s.") % facts
        return Blocker("instrument.calibration_failed", sentence, _ref_of(latest))
    if latest.due_on < clock.today():
        sentence = _("The calibration of %(instrument)s was due on %(date)s.") % facts
        return Blocker("instrument.calibration_overdue", sentence, ref(instrument), waivable=True)
    return None
