"""Writes of removals. The lot is locked by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from erp.core import numbering
from erp.core.context import Context
from erp.inventory.models import Removal
from erp.inventory.queries import virtual_place
from erp.inventory.steps import MoveLine, Place, move
from erp.masterdata.models import Location
from traceability.models import Lot, TraceEvent
from traceability.steps import Happening, record

Kind = Removal.Kind


@dataclass(frozen=True, slots=True)
class Way:
    """How a kind of removal is told (CBV) and to which virtual place the goods go."""

    biz_step: str
    disposition: str
    place: Location.Kind


WAYS = {
    Kind.SCRAP: Way("destroying", "destroyed", Location.Kind.SCRAP),
    Kind.SAMPLE: Way("sampling", "destroyed", Location.Kind.SCRAP),
    Kind.SUPPLIER: Way("returning", "returned_to_supplier", Location.Kind.SUPPLIER),
    Kind.SHORTAGE: Way("stock_taking", "unknown", Location.Kind.ADJUSTMENT),
    Kind.SURPLUS: Way("stock_taking", "in_progress", Location.Kind.ADJUSTMENT),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What is kept beside the quantity: who saw it, the certificate, the cost, a word about it."""

    witness: str = ""
    certificate_number: str = ""
    cost: Decimal | None = None
    about: str = ""


def remove(
    ctx: Context, kind: Removal.Kind, lot: Lot, quantity: Decimal, source: Place, paper: Paper
) -> Removal:
    """Write that goods left stock (or, as a surplus, came into it): event, ledger, record."""
    way = WAYS[kind]
    came = kind is Kind.SURPLUS
    happening = Happening(
        kind=TraceEvent.Kind.OBJECT,
        action=TraceEvent.Action.ADD if came else TraceEvent.Action.DELETE,
        biz_step=way.biz_step,
        disposition=way.disposition,
        site_id=source.location.site_id,
        location=source.location,
        inputs={} if came else {lot.pk: quantity},
        outputs={lot.pk: quantity} if came else {},
        note=_told(ctx, paper),
    )
    event = record(ctx, happening)
    away = Place(virtual_place(source.location.site_id, way.place))
    ends = (away, source) if came else (source, away)
    move(ctx, event, [MoveLine(lot, quantity, *ends)])
    return Removal.objects.create(
        number=numbering.take_one("RM"),
        event=event,
        lot=lot,
        kind=kind,
        quantity=quantity,
        reason=": ".join(part for part in (paper.about, ctx.reason) if part),
        witness=paper.witness,
        certificate_number=paper.certificate_number,
        cost=paper.cost,
        removed_by_id=ctx.actor.user_id,
    )


def _told(ctx: Context, paper: Paper) -> str:
    seen = f"({paper.witness})" if paper.witness else ""
    return " ".join(part for part in (paper.about, ctx.reason, seen) if part)
