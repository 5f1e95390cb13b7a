"""What a repair must fulfil, the event it records, and what is signed with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from audit.models import Attachment
from audit.queries import attachments_of
from erp.core import clock
from erp.core.errors import Blocker, DomainError, Text
from erp.core.quantities import ZERO, plain, positive
from erp.masterdata.models import UNIT_PLACES
from traceability.completeness import queries
from traceability.completeness.chain_checks import MATERIAL, ORIGIN
from traceability.completeness.errors import (
    DocumentMissing,
    OutOfOrder,
    RepairedAlready,
    WrongRepair,
)
from traceability.completeness.models import Finding, Repair
from traceability.completeness.registry import CHECKS
from traceability.models import Lot
from traceability.steps import Happening
from traceability.trace.balance import balance

ONE = Decimal(1)
CODES = {Repair.Kind.ORIGIN: ORIGIN, Repair.Kind.MATERIAL: MATERIAL}


def blockers(finding: Finding, kind: Repair.Kind) -> Sequence[Blocker]:
    """Return what stands in the way of a repair of this kind."""
    return [Blocker(refusal.code, refusal.detail) for refusal in _refusals(finding, kind)]


def document_blockers(finding: Finding) -> Sequence[Blocker]:
    """Return what stands in the way of an explanation."""
    return blockers(finding, Repair.Kind.EXPLANATION)


def refuse(finding: Finding, kind: Repair.Kind) -> None:
    """Raise the first thing that stands in the way."""
    for refusal in _refusals(finding, kind):
        raise refusal


def _refusals(finding: Finding, kind: Repair.Kind) -> Iterator[DomainError]:
    check = CHECKS.get(finding.check_code)
    code = CODES.get(kind)
    if code is not None and (check is None or code not in check.repairs):
        title = check.title if check else finding.check_code
        yield WrongRepair(repair=kind.label, check=title)
    done = finding.repairs.filter(kind=kind).first()
    if done is not None:
        yield RepairedAlready(finding=finding.number, event=done.event_id)
    if not attachments_of(finding):
        yield DocumentMissing(finding=finding.number)


def refuse_future(at: dt.datetime) -> None:
    """Refuse what is said to have happened after now."""
    if at > clock.now():
        raise OutOfOrder(given=f"{at:%Y-%m-%d %H:%M}", because=_("it lies in the future"))


def refuse_after_use(lot: Lot, at: dt.datetime) -> None:
    """Refuse an origin after the lot was used already."""
    used = queries.first_use(lot.pk)
    if used is not None and at > used:
        because = _now("%(lot)s was used at %(at)s already") % {
            "lot": lot.number,
            "at": f"{used:%Y-%m-%d %H:%M} UTC",
        }
        raise OutOfOrder(given=f"{at:%Y-%m-%d %H:%M}", because=because)


def origin(
    finding: Finding, lot: Lot, how: str, at: dt.datetime, quantity: Decimal, source: str
) -> Happening:
    """Return the event that says how a lot came into being."""
    positive(quantity, places=UNIT_PLACES[lot.item.unit])
    if lot.kind == Lot.Kind.SERIAL and quantity != ONE:
        raise OutOfOrder(given=plain(quantity), because=_("a unit is one"))
    return Happening(
        kind="object",
        action="ADD",
        biz_step=how,
        disposition="in_progress",
        site_id=lot.site_id,
        at=at,
        outputs={lot.pk: quantity},
        note=f"{finding.number}: {source}",
    )


def quantities(lines: Sequence[Mapping[str, Any]]) -> dict[int, Decimal]:
    """Add up the lines; a lot named twice counts twice."""
    total: dict[int, Decimal] = {}
    for line in lines:
        total[line["lot_id"]] = total.get(line["lot_id"], ZERO) + line["quantity"]
    return total


def consumption(
    finding: Finding,
    lot: Lot,
    lots: Mapping[int, Lot],
    used: Mapping[int, Decimal],
    at: dt.datetime | None,
    source: str,
) -> Happening:
    """Return the event that says what went into a lot."""
    made = queries.first_making(lot)
    moment = at or (made.event_time if made else clock.now())
    refuse_future(moment)
    for pk, quantity in used.items():
        positive(quantity, places=UNIT_PLACES[lots[pk].item.unit])
        if pk == lot.pk or lots[pk].batch_id == lot.pk or lot.batch_id == pk:
            raise OutOfOrder(given=lots[pk].number, because=_("nothing is made of itself"))
        _refuse_before_making(lots[pk], moment)
    figures = balance([lot.pk])[0].figures
    return Happening(
        kind="transformation",
        biz_step="commissioning",
        disposition="in_progress",
        site_id=lot.site_id,
        at=moment,
        inputs=used,
        outputs={lot.pk: figures.get("made") or ONE},
        note=f"{finding.number}: {source}",
    )


def _refuse_before_making(material: Lot, at: dt.datetime) -> None:
    made = queries.first_making(material)
    if made is not None and made.event_time > at:
        because: Text = _now("%(lot)s was received or made only at %(at)s") % {
            "lot": material.number,
            "at": f"{made.event_time:%Y-%m-%d %H:%M} UTC",
        }
        raise OutOfOrder(given=f"{at:%Y-%m-%d %H:%M}", because=because)


def content(finding: Finding, kind: Repair.Kind) -> dict[str, Any]:
    """Return what is signed with a repair: the event exactly, and the documents by their hash."""
    repair = finding.repairs.filter(kind=kind).select_related("event").first()
    body: dict[str, Any] = {
        "finding": finding.number,
        "check": finding.check_code,
        "lot": [finding.lot_id, finding.lot.number],
    }
    if repair is None:
        return body
    event = repair.event
    return {
        **body,
        "repair": kind.value,
        "source": repair.source,
        "event": event.pk,
        "biz_step": event.biz_step,
        "happened_at": event.event_time,
        "inputs": sorted((x.lot_id, plain(x.quantity)) for x in event.inputs.all()),
        "outputs": sorted((x.lot_id, plain(x.quantity)) for x in event.outputs.all()),
        "documents": sorted(d.sha256 for d in _documents(finding, event.record_time)),
    }


def _documents(finding: Finding, until: dt.datetime) -> Sequence[Attachment]:
    """Return what was attached when the repair was signed; what comes later changes nothing."""
    return [a for a in attachments_of(finding) if a.attached_at <= until]
