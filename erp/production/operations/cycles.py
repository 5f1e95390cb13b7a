"""Special processes at subcontractors: send a batch, receive it with its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django.utils.translation import gettext_lazy

from erp import gates
from erp.core import numbering
from erp.core.context import Context
from erp.core.quantities import plain
from erp.inventory.errors import WrongPlace
from erp.inventory.models import Balance, StockStatus
from erp.inventory.steps import MoveLine, Place, move
from erp.masterdata.models import Item, Location, Partner
from erp.operations import operation
from erp.production import locking, steps
from erp.production.errors import NothingToMove, OutOfLimits
from erp.production.events import ProcessCycleRecorded
from erp.production.gates import SEND
from erp.production.inputs import ReceiveFromSubcontractor, RequireProcess, SendToSubcontractor
from erp.production.models import ItemProcess, ProcessCycle, ProcessLoad
from erp.production.rules import out_of_limits
from erp.production.states import PROCESS_CYCLE, CycleState
from traceability.locking import lock_lot, lock_lots, lock_members
from traceability.models import Lot, TraceEvent
from traceability.steps import observe, record


@operation(
    "production.require_process",
    title=gettext_lazy("Set required process"),
    sentence=gettext_lazy("Lots of this item are released only after a conforming cycle."),
    noun="items",
    verb="require-process",
    subject="masterdata.Item",
    subject_arg="item_id",
    input=RequireProcess,
)
def require_process(
    ctx: Context, *, item_id: int, kind: str, mandatory: bool = True
) -> ItemProcess:
    """Say which special process a batch of the item needs before release."""
    process, _made = ItemProcess.objects.update_or_create(
        item=Item.objects.get(pk=item_id), kind=kind, defaults={"required": mandatory}
    )
    return process


@operation(
    "production.send_to_subcontractor",
    title=gettext_lazy("Send to subcontractor"),
    sentence=gettext_lazy(
        "Everything of the lot that lies in quarantine goes into the subcontractor's custody."
    ),
    noun="lots",
    verb="send-to-subcontractor",
    subject="traceability.Lot",
    subject_arg="lot_id",
    creates="production.ProcessCycle",
    input=SendToSubcontractor,
    gate="lot.send",
    gate_ids=lambda lot: [lot.pk],
)
def send_to_subcontractor(ctx: Context, *, lot_id: int, kind: str, place_id: int) -> ProcessCycle:
    """Send a batch with all its units out for a special process; its status stays quarantine."""
    batch = lock_lot(ctx, lot_id)
    lots = {batch.pk: batch, **{lot.pk: lot for lot in lock_members(ctx, batch.pk)}}
    place = _subcontractor_place(batch, place_id)
    gates.ask(ctx, SEND, lots)
    lines = _lying_at_home(lots, batch, place)
    if not lines:
        raise NothingToMove(lot=batch.number, place=gettext_lazy("the site in quarantine"))
    cycle = _open_cycle(ctx, batch, place, kind)
    steps.load_cycle(cycle, lines)
    _carry(ctx, cycle, lines, biz_step="departing", disposition="in_transit")
    return cycle


def _subcontractor_place(batch: Lot, place_id: int) -> Location:
    place = Location.objects.select_related("partner").get(pk=place_id)
    if place.kind != Location.Kind.SUBCONTRACTOR or place.site_id != batch.site_id:
        raise WrongPlace(location=place.code, kind=place.get_kind_display())
    return place


def _lying_at_home(lots: Mapping[int, Lot], batch: Lot, place: Location) -> list[MoveLine]:
    lying = Balance.objects.filter(
        lot_id__in=lots,
        quantity__gt=0,
        status=StockStatus.QUARANTINE,
        location__site_id=batch.site_id,
        location__virtual=False,
    ).exclude(location__kind=Location.Kind.SUBCONTRACTOR)
    quarantine = StockStatus.QUARANTINE
    return [
        MoveLine(
            _with_item(lots[b.lot_id], batch),
            b.quantity,
            Place(b.location, quarantine),
            Place(place, quarantine),
        )
        for b in lying.select_related("location").order_by("lot_id", "location_id")
    ]


def _with_item(lot: Lot, batch: Lot) -> Lot:
    """Give a unit the item object of its batch: a batch has one item, and no query is needed."""
    lot.item = batch.item
    return lot


def _open_cycle(ctx: Context, batch: Lot, place: Location, kind: str) -> ProcessCycle:
    return ProcessCycle.objects.create(
        number=numbering.take_one("CY"),
        site_id=batch.site_id,
        # A constraint says that a place at a subcontractor has its partner.
        partner=cast(Partner, place.partner),
        place=place,
        batch=batch,
        kind=kind,
        sent_at=steps.happened_at(ctx),
        sent_by_id=ctx.actor.user_id,
    )


def _carry(
    ctx: Context, cycle: ProcessCycle, lines: Sequence[MoveLine], *, biz_step: str, disposition: str
) -> TraceEvent:
    """Write the event and the ledger of one leg; the batch itself is named with its units."""
    moved: dict[int, Decimal | None] = {cycle.batch_id: None}
    for line in lines:
        moved[line.lot.pk] = (moved.get(line.lot.pk) or Decimal(0)) + line.quantity
    places = {line.target.location for line in lines}
    happening = observe(
        biz_step,
        cycle.site_id,
        moved,
        disposition=disposition,
        location=places.pop() if len(places) == 1 else None,
        note=f"{cycle.number} {cycle.get_kind_display()}",
    )
    event = record(ctx, happening)
    move(ctx, event, lines)
    steps.link_cycle(cycle, event)
    return event


@operation(
    "production.receive_from_subcontractor",
    title=gettext_lazy("Receive back"),
    sentence=gettext_lazy("The load comes back into quarantine with the record of its cycle."),
    noun="process-cycles",
    verb="receive",
    subject="production.ProcessCycle",
    subject_arg="cycle_id",
    input=ReceiveFromSubcontractor,
    states=PROCESS_CYCLE,
    step="receive",
    primary=True,
)
def receive_from_subcontractor(  # noqa: PLR0913 - the inputs of the operation
    ctx: Context,
    *,
    cycle_id: int,
    cycle_number: str,
    conforming: bool,
    certificate_number: str = "",
    parameters: Sequence[Mapping[str, Any]] = (),
    to_location_id: int | None = None,
) -> ProcessCycle:
    """Receive a load with its cycle record, traceable to the batch (ISO 13485, 7.5.5, 7.5.7)."""
    load = list(ProcessLoad.objects.filter(cycle_id=cycle_id).select_related("taken_from"))
    lots = lock_lots(ctx, {line.lot_id for line in load})
    cycle = locking.lock_cycle(ctx, cycle_id)
    state = PROCESS_CYCLE.next(CycleState(cycle.state), "receive")
    outside = out_of_limits(parameters)
    if conforming and outside:
        raise OutOfLimits(names=", ".join(outside))
    target = _home_place(cycle, to_location_id)
    lines = _lines_home(cycle, load, lots, target)
    _carry(ctx, cycle, lines, biz_step="arriving", disposition="in_progress")
    cycle.state = state
    cycle.cycle_number = cycle_number
    cycle.certificate_number = certificate_number
    cycle.parameters = [_as_text(p) for p in parameters]
    cycle.conforming = conforming
    cycle.received_at = steps.happened_at(ctx)
    cycle.received_by_id = ctx.actor.user_id
    cycle.save()
    ctx.emit(ProcessCycleRecorded(cycle.pk, cycle.batch_id, conforming))
    return cycle


def _home_place(cycle: ProcessCycle, location_id: int | None) -> Location | None:
    if location_id is None:
        return None
    place = Location.objects.get(pk=location_id)
    ours = {Location.Kind.STORAGE, Location.Kind.QUARANTINE, Location.Kind.LINE}
    if place.kind not in ours or place.site_id != cycle.site_id:
        raise WrongPlace(location=place.code, kind=place.get_kind_display())
    return place


def _lines_home(
    cycle: ProcessCycle,
    load: Sequence[ProcessLoad],
    lots: Mapping[int, Lot],
    target: Location | None,
) -> list[MoveLine]:
    quarantine = StockStatus.QUARANTINE
    away = Place(cycle.place, quarantine)
    return [
        MoveLine(
            lots[line.lot_id], line.quantity, away, Place(target or line.taken_from, quarantine)
        )
        for line in load
    ]


def _as_text(parameter: Mapping[str, Any]) -> dict[str, str]:
    """Return a parameter as it is kept: decimals as plain text, what is missing as empty text."""

    def text(name: str) -> str:
        value = parameter.get(name)
        return plain(value) if isinstance(value, Decimal) else str(value or "")

    return {name: text(name) for name in ("name", "value", "unit", "lower", "upper")}
