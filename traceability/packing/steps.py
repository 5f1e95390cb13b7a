"""Writes of logistic units. Lots and units are locked by the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from django.conf import settings

from erp.core import numbering
from erp.core.context import Context
from erp.masterdata.models import Location
from traceability.models import LogisticUnit, TraceEvent
from traceability.packing import sscc
from traceability.packing.errors import NoCompanyPrefix, NotAnSscc, SsccTaken
from traceability.packing.states import CARRIER, CarrierState
from traceability.steps import Happening, record


def open_unit(ctx: Context, kind: str, location: Location, code: str = "") -> LogisticUnit:
    """Make an empty box or pallet with the SSCC given, or the next of our own series."""
    if code and not sscc.is_right(code):
        whole = len(code) == sscc.LENGTH and code.isdecimal()
        raise NotAnSscc(given=code, digit=sscc.expected_check_digit(code) if whole else "…")
    if code and LogisticUnit.objects.filter(sscc=code).exists():
        raise SsccTaken(sscc=code)
    return LogisticUnit.objects.create(
        sscc=code or _next_code(), kind=kind, site_id=location.site_id, location=location
    )


def _next_code() -> str:
    prefix = settings.GS1_COMPANY_PREFIX
    if not prefix:
        raise NoCompanyPrefix
    _series, year, number = numbering.take_one("SSCC").split("-")
    return sscc.make(prefix, int(year), int(number))


def aggregate(
    ctx: Context,
    unit: LogisticUnit,
    lots: Mapping[int, Decimal],
    units: Collection[int],
    *,
    adding: bool,
) -> TraceEvent:
    """Write the event by which goods and other units came into a unit, or out of it."""
    return record(
        ctx,
        Happening(
            kind=TraceEvent.Kind.AGGREGATION,
            action=TraceEvent.Action.ADD if adding else TraceEvent.Action.DELETE,
            biz_step="packing" if adding else "unpacking",
            site_id=unit.site_id,
            location=unit.location,
            subjects=dict(lots),
            units=units,
            carrier_id=unit.pk,
            note=unit.sscc,
        ),
    )


def advance(units: Iterable[LogisticUnit], verb: str) -> None:
    """Take locked units along one step of their state table."""
    for unit in units:
        unit.state = CARRIER.next(CarrierState(unit.state), verb)
        unit.save(update_fields=["state"])


def place(units: Iterable[LogisticUnit], location: Location) -> None:
    """Say where locked units lie now."""
    for unit in units:
        unit.location = location
        unit.site_id = location.site_id
        unit.save(update_fields=["location", "site"])
