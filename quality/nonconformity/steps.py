"""Writes of deviations: open with a hold, review, decide, approve a concession."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp.core import clock, numbering
from erp.core.context import Context
from erp.inventory import steps as stock
from erp.inventory.models import Hold
from quality.nonconformity.models import (
    Concession,
    ConcessionInstrument,
    ConcessionLot,
    ConcessionSupply,
    Deviation,
    DeviationLot,
)
from quality.nonconformity.states import DEVIATION, DeviationState
from traceability.models import Lot

CHUNK = 5000


@dataclass(frozen=True)
class Finding:
    """What a deviation is opened with; ``lots`` must be locked.

    ``parts`` maps lot id to a set-aside quantity: it is blocked where it lies and needs no hold.
    """

    title: str
    description: str
    site_id: int
    lots: Collection[Lot]
    kind: str = Deviation.Kind.NONCONFORMITY
    severity: str = Deviation.Severity.MAJOR
    source: str = ""
    cause: str = Hold.Cause.DEVIATION
    parts: dict[int, Decimal] = field(default_factory=dict)
    detected_at: dt.datetime | None = None
    cited: dict[str, Any] = field(default_factory=dict)
    """The record that found it: ``inspection_id``, ``calibration_id`` or ``cycle_id``."""


def open_deviation(ctx: Context, finding: Finding) -> Deviation:
    """Write a deviation and hold the lots of a nonconformity in the same instant (8.3.1).

    A planned deviation holds nothing: it is a departure foreseen for lots still to be made or used.
    """
    number = numbering.take_one("DV")
    deviation = Deviation.objects.create(
        number=number,
        kind=finding.kind,
        title=finding.title,
        description=finding.description,
        severity=finding.severity,
        site_id=finding.site_id,
        source=finding.source,
        hold=_hold(ctx, finding, number),
        detected_at=finding.detected_at or ctx.at or clock.now(),
        opened_by_id=ctx.actor.user_id,
        **finding.cited,
    )
    links = [
        DeviationLot(deviation=deviation, lot=lot, quantity=finding.parts.get(lot.pk))
        for lot in finding.lots
    ]
    DeviationLot.objects.bulk_create(links, batch_size=CHUNK)
    return deviation


def _hold(ctx: Context, finding: Finding, number: str) -> Hold | None:
    whole = [lot for lot in finding.lots if lot.pk not in finding.parts]
    if not whole or finding.kind == Deviation.Kind.PLANNED:
        return None
    reason = f"{number}: {finding.title}"
    return stock.place_hold(ctx, lots=whole, cause=finding.cause, reason=reason)


def advance(deviation: Deviation, verb: str, **values: object) -> None:
    """Take a locked deviation one step along its state table and set what belongs to it."""
    deviation.state = DEVIATION.next(DeviationState(deviation.state), verb)
    for name, value in values.items():
        setattr(deviation, name, value)
    deviation.save(update_fields=["state", *values])


@dataclass(frozen=True)
class Covers:
    """What a concession covers: lots, or items of one supplier, or instruments."""

    lot_ids: Collection[int] = ()
    supplier_id: int = 0
    item_ids: Collection[int] = ()
    instrument_ids: Collection[int] = ()


def approve(concession: Concession, covers: Covers) -> Concession:
    """Write an approved concession with what it covers."""
    concession.save(force_insert=True)
    lots = [ConcessionLot(concession=concession, lot_id=pk) for pk in sorted(covers.lot_ids)]
    ConcessionLot.objects.bulk_create(lots, batch_size=CHUNK)
    supplies = [
        ConcessionSupply(concession=concession, supplier_id=covers.supplier_id, item_id=pk)
        for pk in sorted(covers.item_ids)
    ]
    ConcessionSupply.objects.bulk_create(supplies, batch_size=CHUNK)
    instruments = [
        ConcessionInstrument(concession=concession, instrument_id=pk)
        for pk in sorted(covers.instrument_ids)
    ]
    ConcessionInstrument.objects.bulk_create(instruments, batch_size=CHUNK)
    return concession
