"""Makes instruments and calibrations for tests, through the operations."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.db import transaction

from equipment.models import Calibration, Instrument
from equipment.operations import record_calibration, register_instrument
from equipment.steps import note_use
from erp.accounts.models import Site, User
from erp.core import clock
from tests.conftest import ctx_for, signed
from traceability.models import Lot, TraceEvent
from traceability.steps import observe, record

_count = itertools.count(1)


def instrument(user: User, site: Site, **more: Any) -> Instrument:
    """Register an instrument that was never calibrated."""
    values = {
        "code": f"C-{next(_count)}",
        "name": "Caliper",
        "instrument_class": "caliper",
        "site_id": site.pk,
        "interval_days": 365,
        **more,
    }
    return register_instrument(ctx_for(user), **values)


def calibrated(user: User, site: Site, **more: Any) -> Instrument:
    """Register an instrument and calibrate it well, now."""
    made = instrument(user, site, **more)
    calibration(user, made)
    return made


def calibration(user: User, of: Instrument, **more: Any) -> Calibration:
    """Record a calibration; unless told otherwise one that found and left all well."""
    values = {
        "instrument_id": of.pk,
        "as_found": "within",
        "verdict": "pass",
        "performed_by": "Metrology laboratory",
        "standard_used": "GB-1",
        **more,
    }
    return record_calibration(signed(user), **values)


def overdue(user: User, site: Site, **more: Any) -> Instrument:
    """Register an instrument whose calibration ended yesterday."""
    made = instrument(user, site, **more)
    now = clock.now()
    yesterday = clock.today() - dt.timedelta(days=1)
    calibration(user, made, performed_at=now - dt.timedelta(days=400), due_on=yesterday)
    return made


def point(phase: str, nominal: str, reading: str, tolerance: str = "0.02") -> dict[str, str]:
    """Return a measured point as the input takes it."""
    return {
        "phase": phase,
        "nominal": nominal,
        "reading": reading,
        "tolerance": tolerance,
        "uncertainty": "0.003",
        "unit": "mm",
    }


def measured(user: User, site: Site, lot: Lot, *, with_: list[Instrument]) -> TraceEvent:
    """Let someone measure a lot with instruments: an event and its links."""
    ctx = ctx_for(user)
    with transaction.atomic():
        event = record(ctx, observe("inspecting", site.pk, {lot.pk: None}))
        note_use(ctx, event, [i.pk for i in with_])
    return event
