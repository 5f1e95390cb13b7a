"""Writes of the replacement of a component. Unit and components are locked by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from erp.core.context import Context
from erp.inventory import steps as stock
from erp.inventory.models import Balance, StockStatus
from erp.inventory.queries import virtual_place
from erp.inventory.removal.models import Removal
from erp.inventory.removal.steps import Paper, remove
from erp.inventory.steps import MoveLine, Place
from erp.masterdata.models import Location
from traceability.models import Lot, TraceEvent
from traceability.states import LotState
from traceability.steps import Happening, change_state, record

QUARANTINE = StockStatus.QUARANTINE


@dataclass(frozen=True, slots=True)
class Work:
    """A unit on the bench: where it lies, and what is done about a quantity of a component."""

    unit: Lot
    lies: Balance
    component: Lot
    quantity: Decimal

    @property
    def site_id(self) -> int:
        """Return where the work is done."""
        return self.lies.location.site_id

    @property
    def afterwards(self) -> str:
        """Return the status the unit has after the work: what was blocked stays so."""
        usable = self.lies.status == StockStatus.AVAILABLE
        return QUARANTINE if usable else self.lies.status

    def inside(self) -> Place:
        """Return the ledger's place of what is built in."""
        return Place(virtual_place(self.site_id, Location.Kind.PRODUCTION))


def take_out(ctx: Context, work: Work, store: Location) -> TraceEvent:
    """Write that a component left a unit and lies in quarantine (EPCIS association, DELETE).

    Nothing of the unit flowed into the component, so neither is input or output of the other.
    """
    event = record(
        ctx,
        Happening(
            kind=TraceEvent.Kind.ASSOCIATION,
            action=TraceEvent.Action.DELETE,
            biz_step="removing",
            disposition="needs_replacement",
            site_id=work.site_id,
            location=work.lies.location,
            subjects={work.unit.pk: None, work.component.pk: work.quantity},
            assembly_id=work.unit.pk,
            note=ctx.reason,
        ),
    )
    kept = Place(store, QUARANTINE)
    stock.move(ctx, event, [MoveLine(work.component, work.quantity, work.inside(), kept)])
    serial = work.component.kind == Lot.Kind.SERIAL
    if serial and work.component.state == LotState.RELEASED:
        change_state(ctx, [work.component], "quarantine")
    return event


def scrap(ctx: Context, work: Work, store: Location, witness: str) -> Removal:
    """Destroy what was taken out."""
    source = Place(store, QUARANTINE)
    kind = Removal.Kind.SCRAP
    return remove(ctx, kind, work.component, work.quantity, source, Paper(witness))


def build_in(ctx: Context, work: Work, source: Place) -> TraceEvent:
    """Write that a component went into a unit (EPCIS association, ADD).

    The unit goes in and comes out as well, so that the trace finds the component from the unit, and
    the unit's own balance stays closed.
    """
    event = record(
        ctx,
        Happening(
            kind=TraceEvent.Kind.ASSOCIATION,
            action=TraceEvent.Action.ADD,
            biz_step="installing",
            disposition="in_progress",
            site_id=work.site_id,
            location=work.lies.location,
            inputs={work.unit.pk: Decimal(1), work.component.pk: work.quantity},
            outputs={work.unit.pk: Decimal(1)},
            assembly_id=work.unit.pk,
            note=ctx.reason,
        ),
    )
    bench = work.lies.location
    stock.move(
        ctx,
        event,
        [
            MoveLine(work.component, work.quantity, source, work.inside()),
            MoveLine(work.unit, Decimal(1), Place(bench, work.lies.status), work.inside()),
            MoveLine(work.unit, Decimal(1), work.inside(), Place(bench, work.afterwards)),
        ],
    )
    return event


def set_aside(ctx: Context, work: Work, event: TraceEvent) -> None:
    """Let the unit wait for a decision: it is not what was released any more."""
    if work.unit.state == LotState.RELEASED:
        change_state(ctx, [work.unit], "quarantine")
    stock.shift_status(ctx, event, [work.unit], StockStatus.AVAILABLE, QUARANTINE)
