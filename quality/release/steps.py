"""Writes of release. The lot and its units are locked by the caller."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from audit.signatures import canonical
from erp.core import clock, numbering
from erp.core.context import Context
from erp.core.quantities import ZERO
from erp.gates import Covered, catalogue
from erp.inventory.models import StockMove, StockStatus
from erp.inventory.steps import shift_status
from quality.release.models import LotRelease
from quality.release.queries import evidence
from traceability.gates import RELEASE
from traceability.models import Lot, TraceEvent
from traceability.states import LotState
from traceability.steps import change_state, observe, record


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision on a lot and how it was reached."""

    decision: str
    comment: str
    checks: Mapping[str, str] = field(default_factory=dict)


def release(
    ctx: Context, lot: Lot, lots: Collection[Lot], covered: Covered, comment: str
) -> LotRelease:
    """Make a lot and its waiting units usable; write the release with all that was checked.

    Units that were rejected before stay rejected.
    """
    waiting = [each for each in lots if each.state == LotState.QUARANTINE]
    change_state(ctx, waiting, "release")
    event = _event(ctx, lot, waiting, "releasing", "conformant")
    moves = shift_status(ctx, event, waiting, StockStatus.QUARANTINE, StockStatus.AVAILABLE)
    return _write(ctx, lot, event, moves, Verdict("released", comment, _checks(covered)))


def reject(ctx: Context, lot: Lot, lots: Collection[Lot]) -> LotRelease:
    """Refuse a lot with its units for good; what lies in stock is blocked."""
    standing = [each for each in lots if each.state != LotState.REJECTED]
    change_state(ctx, standing, "reject")
    event = _event(ctx, lot, standing, "inspecting", "non_conformant")
    moves = shift_status(ctx, event, standing, StockStatus.QUARANTINE, StockStatus.BLOCKED)
    moves += shift_status(ctx, event, standing, StockStatus.AVAILABLE, StockStatus.BLOCKED)
    return _write(ctx, lot, event, moves, Verdict("rejected", ctx.reason))


def _event(
    ctx: Context, lot: Lot, lots: Collection[Lot], biz_step: str, disposition: str
) -> TraceEvent:
    subjects: dict[int, Decimal | None] = {lot.pk: None, **{each.pk: None for each in lots}}
    return record(ctx, observe(biz_step, lot.site_id, subjects, disposition=disposition))


def _write(
    ctx: Context, lot: Lot, event: TraceEvent, moves: Collection[StockMove], verdict: Verdict
) -> LotRelease:
    moved = {move.lot_id for move in moves}
    quantity = sum((move.quantity for move in moves), ZERO)
    content = {
        "quantity": quantity,
        "units": len(moved - {lot.pk}),
        **evidence(lot),
    }
    return LotRelease.objects.create(
        number=numbering.take_one("RL"),
        lot=lot,
        site_id=lot.site_id,
        decision=verdict.decision,
        quantity=quantity,
        comment=verdict.comment,
        checks=dict(verdict.checks),
        content=canonical(content),
        event=event,
        decided_by_id=ctx.actor.user_id,
        decided_at=ctx.at or clock.now(),
    )


def _checks(covered: Covered) -> dict[str, str]:
    """Name every check of the release gate; all of them passed, some by a concession."""
    _question, checks = catalogue()[RELEASE]
    found = {f"{check.__module__}.{check.__name__}": "ok" for check in checks}
    for (_record, code, _about), concession in sorted(covered.items()):
        found[code] = concession
    return found
