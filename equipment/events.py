"""What this app tells the higher ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CalibrationOutOfTolerance:
    """An instrument was found out of tolerance.

    What it measured from ``since`` to ``until`` is in doubt. ``since`` is the time of its last good
    calibration, ``None`` where there was none: then everything it ever measured is in doubt (ISO
    13485, 7.6).
    """

    instrument_id: int
    calibration_id: int
    since: dt.datetime | None
    until: dt.datetime
