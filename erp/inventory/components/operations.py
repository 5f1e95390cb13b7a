"""Replace a component in a unit in house, new or come back from the field."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.context import Context
from erp.core.errors import Blocker
from erp.core.quantities import ZERO, plain
from erp.inventory.components import inputs, queries, steps
from erp.inventory.components.errors import (
    NotAUnit,
    NotInHouse,
    NotInTheUnit,
    NoWitness,
    WrongComponent,
)
from erp.inventory.components.inputs import Fate
from erp.inventory.components.steps import Work
from erp.inventory.conversion.gates import REWORK
from erp.inventory.conversion.guards import physical_place
from erp.inventory.errors import NotEnoughStock, WrongPlace
from erp.inventory.models import Balance, StockStatus
from erp.inventory.queries import open_holds, with_batches
from erp.inventory.removal.errors import OwnWitness
from erp.inventory.steps import Place
from erp.masterdata.models import BomLine, Location
from erp.operations import Reason, operation
from traceability.gates import ISSUE
from traceability.locking import lock_lots
from traceability.models import Lot


def _site_of_bench(unit: Lot, _values: Any) -> Collection[int]:
    """Return the sites where the unit lies: the right is needed where the work is done."""
    return {b.location.site_id for b in queries.balances_of(unit.pk)} or {unit.site_id}


@operation(
    "inventory.replace_component",
    title=_("Replace component"),
    sentence=_("One component comes out, another goes in; the unit waits for a new decision."),
    noun="lots",
    verb="replace-component",
    subject="traceability.Lot",
    subject_arg="unit_id",
    input=inputs.ReplaceComponent,
    site_of=_site_of_bench,
    blockers=lambda lot, _actor: _not_a_unit(lot),
    reason=Reason.REQUIRED,
    tells_time=True,
)
def replace_component(  # noqa: PLR0913 - the inputs of the operation
    ctx: Context,
    *,
    unit_id: int,
    removed_id: int,
    quantity: Decimal,
    fate: str,
    location_id: int | None = None,
    witness: str = "",
    installed_id: int | None = None,
    from_location_id: int | None = None,
) -> Lot:
    """Take a component out of a unit and build another in (TRC-06; ISO 13485, 7.5.4, 7.5.9)."""
    wanted = [unit_id, removed_id, *([installed_id] if installed_id else [])]
    lots = lock_lots(ctx, with_batches(wanted))
    unit, removed = lots[unit_id], lots[removed_id]
    lies = _bench(unit)
    if open_holds([unit.pk]):
        # A hold stops all work but the one that was decided.
        gates.ask(ctx, REWORK, [unit.pk])
    _refuse_absent(unit, removed, quantity)
    _refuse_witness(ctx, fate, witness)
    work = Work(unit, lies, removed, quantity)
    store = _store(work.site_id, location_id)
    installed = lots[installed_id] if installed_id else None
    source = _source(ctx, work, installed, from_location_id)
    event = steps.take_out(ctx, work, store)
    if fate == Fate.SCRAP:
        steps.scrap(ctx, work, store, witness.strip())
    if installed is not None and source is not None:
        event = steps.build_in(ctx, Work(unit, lies, installed, quantity), source)
    steps.set_aside(ctx, work, event)
    return unit


def _not_a_unit(lot: Lot) -> list[Blocker]:
    if lot.kind == Lot.Kind.SERIAL:
        return []
    refusal = NotAUnit(lot=lot.number)
    return [Blocker(refusal.code, refusal.detail)]


def _bench(unit: Lot) -> Balance:
    if unit.kind != Lot.Kind.SERIAL:
        raise NotAUnit(lot=unit.number)
    lies = queries.balances_of(unit.pk)
    if not lies:
        raise NotInHouse(lot=unit.number)
    return lies[0]


def _refuse_absent(unit: Lot, removed: Lot, quantity: Decimal) -> None:
    kept = queries.components_of([unit.pk])[unit.pk]
    inside = [s.quantity for s in kept if s.current and s.component_id == removed.pk]
    if sum(inside, ZERO) < quantity:
        raise NotInTheUnit(quantity=plain(quantity), component=removed.number, unit=unit.number)


def _refuse_witness(ctx: Context, fate: str, witness: str) -> None:
    if fate != Fate.SCRAP:
        return
    if not witness.strip():
        raise NoWitness
    if witness.strip().casefold() in {ctx.actor.name.casefold(), ctx.actor.username.casefold()}:
        raise OwnWitness


def _store(site_id: int, location_id: int | None) -> Location:
    """Return the quarantine store where what comes out is put, even when it is scrapped next."""
    if location_id is None:
        stores = Location.objects.filter(site_id=site_id, kind=Location.Kind.QUARANTINE)
        first = stores.order_by("code").first()
        if first is None:
            raise WrongPlace(location="–", kind=Location.Kind.QUARANTINE.label)
        return first
    place = physical_place(location_id)
    if place.kind != Location.Kind.QUARANTINE or place.site_id != site_id:
        raise WrongPlace(location=place.code, kind=place.get_kind_display())
    return place


def _source(
    ctx: Context, work: Work, installed: Lot | None, from_location_id: int | None
) -> Place | None:
    """Return where the new component lies, after asking whether it may be used and belongs in."""
    if installed is None:
        return None
    gates.ask(ctx, ISSUE, [installed.pk])
    fits = installed.item_id == work.component.item_id
    bom = BomLine.objects.filter(revision=work.unit.revision_id, component=installed.item_id)
    if not fits and not bom.exists():
        raise WrongComponent(
            component=installed.number, item=installed.item.code, unit=work.unit.number
        )
    if from_location_id is not None:
        return Place(physical_place(from_location_id), StockStatus.AVAILABLE)
    lying = [b for b in queries.balances_of(installed.pk) if b.status == StockStatus.AVAILABLE]
    if len(lying) != 1:
        raise NotEnoughStock
    return Place(lying[0].location, StockStatus.AVAILABLE)
