"""States of an instrument. Being due for calibration is none: it follows from the date."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from erp.core.states import StateTable


class InstrumentState(StrEnum):
    """Life of an instrument."""

    IN_SERVICE = "in_service"
    OUT_OF_SERVICE = "out_of_service"
    RETIRED = "retired"


INSTRUMENT = StateTable(
    name="instrument",
    initial=InstrumentState.IN_SERVICE,
    steps={
        (InstrumentState.IN_SERVICE, "take out"): InstrumentState.OUT_OF_SERVICE,
        (InstrumentState.OUT_OF_SERVICE, "return"): InstrumentState.IN_SERVICE,
        (InstrumentState.IN_SERVICE, "retire"): InstrumentState.RETIRED,
        (InstrumentState.OUT_OF_SERVICE, "retire"): InstrumentState.RETIRED,
    },
    labels={
        InstrumentState.IN_SERVICE: _("in service"),
        InstrumentState.OUT_OF_SERVICE: _("out of service"),
        InstrumentState.RETIRED: _("retired"),
    },
    tones={
        InstrumentState.IN_SERVICE: "good",
        InstrumentState.OUT_OF_SERVICE: "bad",
        InstrumentState.RETIRED: "draft",
    },
)
