"""Scrap, sample, send back to the supplier, adjust by a count."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp.core.context import Context
from erp.core.quantities import plain
from erp.inventory.conversion.guards import physical_place
from erp.inventory.models import Removal, StockStatus
from erp.inventory.operations import site_of_place
from erp.inventory.queries import balance_of, with_batches
from erp.inventory.removal import inputs
from erp.inventory.removal.errors import NotBought, NothingDiffers, OwnWitness
from erp.inventory.removal.steps import Paper, remove
from erp.inventory.steps import Place, check_fineness
from erp.masterdata.models import Location
from erp.operations import Reason, operation
from traceability.locking import lock_lots
from traceability.models import Lot, uncorrected

Kind = Removal.Kind


def _locked(ctx: Context, lot_id: int) -> Lot:
    """Lock a lot, and the lot a unit belongs to: holds and counts wait here."""
    return lock_lots(ctx, with_batches([lot_id]))[lot_id]


@operation(
    "inventory.scrap_stock",
    title=_("Scrap"),
    sentence=_("A quantity of this lot is destroyed. This cannot be undone."),
    noun="lots",
    verb="scrap",
    subject="traceability.Lot",
    subject_arg="lot_id",
    input=inputs.ScrapStock,
    site_of=site_of_place,
    reason=Reason.REQUIRED,
    danger=True,
    tells_time=True,
)
def scrap_stock(  # noqa: PLR0913 - the inputs of the operation
    ctx: Context,
    *,
    lot_id: int,
    from_location_id: int,
    status: str,
    quantity: Decimal,
    witness: str,
    certificate_number: str = "",
    cost: Decimal | None = None,
) -> Lot:
    """Scrap stock with reason, witness and certificate (INV-05); nobody is their own witness."""
    if witness.strip().casefold() in {ctx.actor.name.casefold(), ctx.actor.username.casefold()}:
        raise OwnWitness
    lot = _locked(ctx, lot_id)
    source = Place(physical_place(from_location_id), status)
    paper = Paper(witness.strip(), certificate_number, cost)
    remove(ctx, Kind.SCRAP, lot, quantity, source, paper)
    return lot


@operation(
    "inventory.take_sample",
    title=_("Take sample"),
    sentence=_("A quantity of this lot is used up by a test and leaves stock."),
    noun="lots",
    verb="take-sample",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="inventory.Removal",
    input=inputs.TakeSample,
    site_of=site_of_place,
    machine=True,
    tells_time=True,
)
def take_sample(
    ctx: Context,
    *,
    lot_id: int,
    from_location_id: int,
    status: str,
    quantity: Decimal,
    purpose: str,
) -> Removal:
    """Take what a destructive test uses up; a hold does not keep a lot from being examined."""
    lot = _locked(ctx, lot_id)
    source = Place(physical_place(from_location_id), status)
    return remove(ctx, Kind.SAMPLE, lot, quantity, source, Paper(about=purpose))


@operation(
    "inventory.return_to_supplier",
    title=_("Return to supplier"),
    sentence=_("A quantity of this lot goes back to the supplier it came from."),
    noun="lots",
    verb="return-to-supplier",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="inventory.Removal",
    input=inputs.ReturnToSupplier,
    site_of=site_of_place,
    reason=Reason.REQUIRED,
    tells_time=True,
)
def return_to_supplier(
    ctx: Context,
    *,
    lot_id: int,
    from_location_id: int,
    status: str,
    quantity: Decimal,
    delivery_note: str = "",
) -> Removal:
    """Send goods back; a hold does not keep what is refused from leaving for where it came from."""
    lot = _locked(ctx, lot_id)
    came = lot.moves.filter(from_location__kind=Location.Kind.SUPPLIER)
    if not came.filter(uncorrected()).exists():
        raise NotBought(lot=lot.number)
    source = Place(physical_place(from_location_id), status)
    return remove(ctx, Kind.SUPPLIER, lot, quantity, source, Paper(about=delivery_note))


@operation(
    "inventory.count_stock",
    title=_("Adjust by count"),
    sentence=_("The books follow the count; what is found beyond them waits in quarantine."),
    noun="lots",
    verb="count",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="inventory.Removal",
    input=inputs.AdjustStock,
    site_of=site_of_place,
    reason=Reason.REQUIRED,
    tells_time=True,
)
def count_stock(
    ctx: Context, *, lot_id: int, from_location_id: int, status: str, counted: Decimal
) -> Removal:
    """Adjust a balance to what was counted; what is beyond the books waits in quarantine."""
    lot = _locked(ctx, lot_id)
    place = physical_place(from_location_id)
    booked = balance_of(lot.pk, place.pk, status)
    if counted == booked:
        raise NothingDiffers(quantity=plain(booked), lot=lot.number)
    check_fineness(lot.item, counted)
    kind = Kind.SURPLUS if counted > booked else Kind.SHORTAGE
    found = abs(counted - booked)
    about = f"{plain(booked)} → {plain(counted)}"
    # Where goods beyond the books were until now nobody can prove, so they are not usable at once:
    # otherwise a count could turn blocked or returned goods into available ones.
    where = Place(place, StockStatus.QUARANTINE if kind is Kind.SURPLUS else status)
    return remove(ctx, kind, lot, found, where, Paper(about=about))
