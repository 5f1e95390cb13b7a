"""Changes of stock: holds and transfers. What leaves stock for good is in ``removal``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp.core.context import Context
from erp.inventory import inputs, locking, steps
from erp.inventory.errors import WrongPlace
from erp.inventory.models import Hold, HoldLine
from erp.inventory.states import HOLD, HoldState
from erp.inventory.steps import MoveLine, Place
from erp.masterdata.models import Location
from erp.operations import Reason, operation
from traceability.locking import lock_lot, lock_lots
from traceability.models import Lot
from traceability.steps import note_site, observe, record


def site_of_lots(subject: Any, values: Any) -> Collection[int]:
    """Return the sites of all the lots, so that the right is needed wherever one belongs."""
    if isinstance(subject, Hold):
        return set(subject.lines.values_list("lot__site_id", flat=True))
    return set(Lot.objects.filter(pk__in=values.get("lots", [])).values_list("site_id", flat=True))


def site_of_place(_subject: Any, values: Any) -> int | None:
    """Return the site of the place the stock is taken from: the right is needed there."""
    pk = values.get("from_location_id")
    return Location.objects.values_list("site_id", flat=True).get(pk=pk) if pk else None


@operation(
    "inventory.place_hold",
    title=_("Place hold"),
    sentence=_(
        "These lots and every unit in them stop at once: reservations are broken, nothing leaves."
    ),
    noun="holds",
    verb="place",
    creates="inventory.Hold",
    input=inputs.PlaceHold,
    site_of=site_of_lots,
    reason=Reason.REQUIRED,
    danger=True,
)
def place_hold(ctx: Context, *, lots: Sequence[int], cause: str) -> Hold:
    """Put lots on hold. A hold always wins: it is never refused because stock is reserved."""
    held = lock_lots(ctx, lots)
    hold = steps.place_hold(ctx, lots=held.values(), cause=cause, reason=ctx.reason)
    _note(ctx, hold, "holding", list(held.values()))
    return hold


@operation(
    "inventory.hold_lot",
    title=_("Hold"),
    sentence=_(
        "This lot and every unit in it stops at once: reservations are broken, nothing leaves."
    ),
    noun="lots",
    verb="hold",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="inventory.Hold",
    input=inputs.HoldThis,
    reason=Reason.REQUIRED,
    danger=True,
)
def hold_lot(ctx: Context, *, lot_id: int, cause: str) -> Hold:
    """Put the lot that is being looked at on hold."""
    lot = lock_lot(ctx, lot_id)
    hold = steps.place_hold(ctx, lots=[lot], cause=cause, reason=ctx.reason)
    _note(ctx, hold, "holding", [lot])
    return hold


def hold_content(hold: Hold) -> dict[str, Any]:
    """Return what the release of a hold signs."""
    return {
        "hold": hold.number,
        "cause": hold.cause,
        "reason": hold.reason,
        "release_reason": hold.release_reason,
        "lots": sorted(hold.lines.values_list("lot__number", flat=True)),
    }


@operation(
    "inventory.release_hold",
    title=_("Release hold"),
    sentence=_("This hold ends. Lots under no other hold are again as they were before."),
    noun="holds",
    verb="release",
    subject="inventory.Hold",
    subject_arg="hold_id",
    site_of=site_of_lots,
    states=HOLD,
    step="release",
    signed_as=Meaning.APPROVED,
    signs=hold_content,
    other_than=lambda h: [(h.placed_by_id, str(h.placed_by), _("place the hold"))],
    reason=Reason.REQUIRED,
    primary=True,
)
def release_hold(ctx: Context, *, hold_id: int) -> Hold:
    """Release a hold; another person than the one who placed it, with signature."""
    lots = lock_lots(ctx, HoldLine.objects.filter(hold_id=hold_id).values_list("lot_id", flat=True))
    hold = locking.lock_hold(ctx, hold_id)
    HOLD.next(HoldState(hold.state), "release")
    steps.release_hold(ctx, hold, ctx.reason)
    _note(ctx, hold, "hold_lifted", list(lots.values()))
    return hold


def _note(ctx: Context, hold: Hold, biz_step: str, lots: Sequence[Lot]) -> None:
    disposition = "non_sellable_other" if biz_step == "holding" else ""
    subjects: dict[int, Decimal | None] = {lot.pk: None for lot in lots}
    record(
        ctx,
        observe(
            biz_step,
            lots[0].site_id,
            subjects,
            disposition=disposition,
            note=f"{hold.number}: {ctx.reason}",
        ),
    )


@operation(
    "inventory.transfer_stock",
    title=_("Move"),
    sentence=_("A quantity of this lot goes to another place. Its status stays."),
    noun="lots",
    verb="transfer",
    subject="traceability.Lot",
    subject_arg="lot_id",
    input=inputs.TransferStock,
    site_of=site_of_place,
    machine=True,
    tells_time=True,
)
def transfer_stock(
    ctx: Context,
    *,
    lot_id: int,
    from_location_id: int,
    status: str,
    to_location_id: int,
    quantity: Decimal,
) -> Lot:
    """Move stock between places; both real, the status unchanged."""
    lot = lock_lot(ctx, lot_id)
    source, target = _places(from_location_id, to_location_id)
    event = record(ctx, observe("storing", target.site_id, {lot.pk: quantity}, location=target))
    steps.move(ctx, event, [MoveLine(lot, quantity, Place(source, status), Place(target, status))])
    note_site([lot], target.site)
    return lot


def _places(from_id: int, to_id: int) -> tuple[Location, Location]:
    places = {
        p.pk: p for p in Location.objects.filter(pk__in=[from_id, to_id]).select_related("site")
    }
    source, target = places[from_id], places[to_id]
    if source.virtual or target.virtual or source.pk == target.pk:
        wrong = source if source.virtual else target
        raise WrongPlace(location=wrong.code, kind=wrong.get_kind_display())
    return source, target
