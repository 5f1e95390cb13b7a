"""Deviations: open, review, decide, close; concessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp import gates
from erp.core import clock, numbering
from erp.core.context import Context
from erp.inventory.steps import release_hold
from erp.operations import operation
from erp.operations.declaration import EarlierStep
from quality.nonconformity import inputs, locking, scope, steps
from quality.nonconformity.dispositions import carry_out, goods_of
from quality.nonconformity.errors import (
    ConcessionExists,
    PeriodEndsBeforeItBegins,
)
from quality.nonconformity.gates import USE_AS_IS
from quality.nonconformity.models import Concession, Deviation
from quality.nonconformity.states import DEVIATION, DeviationState
from traceability.locking import lock_lots

Disposition = Deviation.Disposition
FREED = frozenset({Disposition.USE_AS_IS, Disposition.REWORK})
"""Dispositions after which goods move again; scrapped and returned ones stay on hold for good."""


def _opener(deviation: Deviation) -> Sequence[EarlierStep]:
    return [(deviation.opened_by_id, str(deviation.opened_by), _("open the deviation"))]


def _decider(deviation: Deviation) -> Sequence[EarlierStep]:
    if deviation.decided_by is None:
        return []
    return [(deviation.decided_by.pk, str(deviation.decided_by), _("decide the disposition"))]


def disposition_content(deviation: Deviation) -> dict[str, Any]:
    """Return what the disposition signs; none of it changes afterwards."""
    lots = deviation.lots.select_related("lot__item").order_by("lot__number", "pk")
    return {
        "deviation": deviation.number,
        "kind": deviation.kind,
        "title": deviation.title,
        "description": deviation.description,
        "severity": deviation.severity,
        "evaluation": deviation.evaluation,
        "notify": deviation.notify,
        "disposition": deviation.disposition,
        "justification": deviation.justification,
        "instruction": deviation.instruction,
        "lots": [[x.lot.item.code, x.lot.number, x.quantity] for x in lots],
    }


def closing_content(deviation: Deviation) -> dict[str, Any]:
    """Return what the closure signs."""
    return {**disposition_content(deviation), "outcome": deviation.outcome}


def concession_content(deviation: Deviation) -> dict[str, Any]:
    """Return what the concession signs: scope, period and reason."""
    concession = deviation.concession
    lots = concession.lots.select_related("lot__item").order_by("lot__number", "pk")
    supplies = concession.supplies.order_by("supplier__code", "item__code")
    instruments = concession.instruments.order_by("instrument__code")
    others = {
        "supplies": [list(x) for x in supplies.values_list("supplier__code", "item__code")],
        "instruments": list(instruments.values_list("instrument__code", flat=True)),
    }
    return {
        "deviation": deviation.number,
        "title": deviation.title,
        "description": deviation.description,
        "concession": concession.number,
        "gate": concession.gate,
        "valid_from": concession.valid_from,
        "valid_until": concession.valid_until,
        "justification": concession.justification,
        "lots": [[x.lot.item.code, x.lot.number] for x in lots],
        # Only what is there: what was signed about lots before reads as it did.
        **{name: covered for name, covered in others.items() if covered},
    }


@operation(
    "quality.open_deviation",
    title=_("Open a deviation"),
    sentence=_("The lots of a nonconformity are on hold from this moment on."),
    noun="deviations",
    verb="open",
    creates="quality.Deviation",
    input=inputs.OpenDeviation,
)
def open_deviation(  # noqa: PLR0913 - the inputs of one record
    ctx: Context,
    *,
    site_id: int,
    title: str,
    description: str,
    severity: str,
    kind: str = Deviation.Kind.NONCONFORMITY,
    lot_ids: Sequence[int] = (),
    source_text: str = "",
    detected_at: dt.datetime | None = None,
) -> Deviation:
    """Open a nonconformity, which holds its lots, or a planned deviation, which does not."""
    lots = lock_lots(ctx, lot_ids)
    finding = steps.Finding(
        title=title,
        description=description,
        severity=severity,
        site_id=site_id,
        kind=kind,
        lots=list(lots.values()),
        source=source_text,
        detected_at=detected_at,
    )
    return steps.open_deviation(ctx, finding)


@operation(
    "quality.review_deviation",
    title=_("Review"),
    sentence=_("The evaluation is kept; then its disposition can be decided."),
    noun="deviations",
    verb="review",
    subject="quality.Deviation",
    subject_arg="deviation_id",
    input=inputs.ReviewDeviation,
    states=DEVIATION,
    step="review",
    primary=True,
)
def review_deviation(
    ctx: Context, *, deviation_id: int, evaluation: str, notify: str, severity: str = ""
) -> Deviation:
    """Evaluate a deviation: cause, effect, need to investigate and to notify (ISO 13485, 8.3.1)."""
    deviation = locking.lock_deviation(ctx, deviation_id)
    steps.advance(
        deviation,
        "review",
        evaluation=evaluation,
        notify=notify,
        severity=severity or deviation.severity,
        reviewed_by_id=ctx.actor.user_id,
        reviewed_at=ctx.at or clock.now(),
    )
    return deviation


@operation(
    "quality.disposition_deviation",
    title=_("Decide the disposition"),
    sentence=_(
        "It is decided what becomes of the goods. They stay on hold until the deviation is closed."
    ),
    noun="deviations",
    verb="disposition",
    subject="quality.Deviation",
    subject_arg="deviation_id",
    input=inputs.DispositionDeviation,
    states=DEVIATION,
    step="disposition",
    signed_as=Meaning.APPROVED,
    signs=disposition_content,
    other_than=_opener,
    primary=True,
)
def disposition_deviation(
    ctx: Context, *, deviation_id: int, disposition: str, justification: str, instruction: str = ""
) -> Deviation:
    """Decide what becomes of the goods; another person than the opener, with signature."""
    deviation = locking.lock_deviation(ctx, deviation_id)
    steps.advance(
        deviation,
        "disposition",
        disposition=disposition,
        justification=justification,
        instruction=instruction,
        decided_by_id=ctx.actor.user_id,
        decided_at=ctx.at or clock.now(),
    )
    return deviation


@operation(
    "quality.close_deviation",
    title=_("Close"),
    sentence=_(
        "The disposition is carried out on the goods, and the deviation is closed for good."
    ),
    noun="deviations",
    verb="close",
    subject="quality.Deviation",
    subject_arg="deviation_id",
    input=inputs.CloseDeviation,
    states=DEVIATION,
    step="close",
    signed_as=Meaning.VERIFIED,
    signs=closing_content,
    other_than=_decider,
    primary=True,
)
def close_deviation(ctx: Context, *, deviation_id: int, outcome: str) -> Deviation:
    """Carry out the disposition and close; someone other than who decided it, with signature.

    Refused goods are used as they are only by concession. The hold ends where the goods move again.
    """
    deviation, lots, hold = locking.lock_for_closing(ctx, deviation_id)
    DEVIATION.next(DeviationState(deviation.state), "close")
    goods = goods_of(deviation, lots)
    if deviation.disposition == Disposition.USE_AS_IS:
        gates.ask(ctx, USE_AS_IS, [*(lot.pk for lot in goods.whole), *goods.parts])
    carry_out(ctx, deviation, goods)
    if hold is not None and hold.released_at is None and deviation.disposition in FREED:
        release_hold(ctx, hold, f"{deviation.number}: {outcome}")
    steps.advance(
        deviation,
        "close",
        outcome=outcome,
        closed_by_id=ctx.actor.user_id,
        closed_at=ctx.at or clock.now(),
    )
    return deviation


@operation(
    "quality.approve_concession",
    title=_("Approve a concession"),
    sentence=_(
        "For what it names and this period, what the deviation describes does not stand in the way."
    ),
    noun="deviations",
    verb="approve-concession",
    subject="quality.Deviation",
    subject_arg="deviation_id",
    input=inputs.ApproveConcession,
    states=DEVIATION,
    step="approve concession",
    signed_as=Meaning.CONCESSION,
    signs=concession_content,
    other_than=_opener,
)
def approve_concession(  # noqa: PLR0913 - scope, period and reason belong together
    ctx: Context,
    *,
    deviation_id: int,
    gate: str,
    valid_from: dt.date,
    valid_until: dt.date,
    justification: str,
    lot_ids: Sequence[int] = (),
    supplier_id: int | None = None,
    item_ids: Sequence[int] = (),
    instrument_ids: Sequence[int] = (),
) -> Deviation:
    """Let certain lots, supplies or instruments pass one gate for a period (ISO 13485, 8.3.2).

    Only an authorised person, other than who opened the deviation, after its evaluation, and never
    for a closed one.
    """
    deviation = locking.lock_deviation(ctx, deviation_id)
    DEVIATION.next(DeviationState(deviation.state), "approve concession")
    if valid_until < valid_from:
        raise PeriodEndsBeforeItBegins(since=valid_from, until=valid_until)
    earlier = Concession.objects.filter(deviation=deviation).first()
    if earlier is not None:
        raise ConcessionExists(deviation=deviation.number, concession=earlier.number)
    named = steps.Covers(set(lot_ids), supplier_id or 0, set(item_ids), set(instrument_ids))
    covers = scope.covered(deviation, gate, named)
    concession = Concession(
        number=numbering.take_one("CN"),
        deviation=deviation,
        gate=gate,
        valid_from=valid_from,
        valid_until=valid_until,
        justification=justification,
        approved_by_id=ctx.actor.user_id,
        approved_at=ctx.at or clock.now(),
    )
    steps.approve(concession, covers)
    return deviation
