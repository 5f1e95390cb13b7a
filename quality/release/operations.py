"""Release and rejection of lots, signed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp import gates
from erp.core.context import Context
from erp.inventory.queries import with_members
from erp.operations import Reason, operation
from erp.operations.declaration import EarlierStep
from quality.release import queries, steps
from quality.release.inputs import RejectLot, ReleaseLot
from quality.release.models import LotRelease
from traceability.gates import RELEASE
from traceability.locking import lock_lots
from traceability.models import Lot
from traceability.states import LOT, LotState

Decision = LotRelease.Decision


def release_content(lot: Lot) -> dict[str, Any]:
    """Return what a release signs: the lot as it is, and the evidence as it was."""
    return _content(lot, Decision.RELEASED)


def rejection_content(lot: Lot) -> dict[str, Any]:
    """Return what a rejection signs."""
    return _content(lot, Decision.REJECTED)


def content_then(lot: Lot, operation_id: uuid.UUID) -> dict[str, Any] | None:
    """Return what one release or rejection signed: a later one is a record of its own."""
    decided = queries.decisions_by_operation([lot.pk]).get(operation_id)
    return _content_with(lot, decided.decision, decided) if decided else None


def _content(lot: Lot, decision: str) -> dict[str, Any]:
    return _content_with(lot, decision, queries.latest(lot, decision))


def _content_with(lot: Lot, decision: str, decided: LotRelease | None) -> dict[str, Any]:
    return {
        "lot": lot.number,
        "item": lot.item.code,
        "revision": lot.revision.revision if lot.revision else None,
        "manufactured_on": lot.manufactured_on,
        "expires_on": lot.expires_on,
        "udi_pi": lot.udi_pi,
        "decision": decision,
        "record": decided.number if decided else None,
        "comment": decided.comment if decided else "",
        "checks": decided.checks if decided else {},
        "evidence": decided.content if decided else {},
    }


def _makers(lot: Lot) -> Sequence[EarlierStep]:
    return [(user.pk, str(user), _("report the production")) for user in queries.makers_of(lot)]


@operation(
    "quality.release_lot",
    title=_("Release"),
    sentence=_("The lot and its units become usable; what lies in quarantine becomes available."),
    noun="lots",
    verb="release",
    subject="traceability.Lot",
    subject_arg="lot_id",
    input=ReleaseLot,
    gate=RELEASE,
    gate_ids=lambda lot: [lot.pk],
    states=LOT,
    step="release",
    signed_as=Meaning.RELEASED,
    signs=release_content,
    signs_then=content_then,
    other_than=_makers,
    primary=True,
)
def release_lot(ctx: Context, *, lot_id: int, comment: str = "") -> Lot:
    """Release a lot with its units; nobody who made it, with signature (ISO 13485, 8.2.6)."""
    lots = lock_lots(ctx, with_members([lot_id]))
    lot = lots[lot_id]
    LOT.next(LotState(lot.state), "release")
    covered = gates.ask(ctx, RELEASE, [lot.pk])
    steps.release(ctx, lot, list(lots.values()), covered, comment)
    return lot


@operation(
    "quality.reject_lot",
    title=_("Reject"),
    sentence=_("The lot and its units are refused; what lies in stock is blocked."),
    noun="lots",
    verb="reject",
    subject="traceability.Lot",
    subject_arg="lot_id",
    input=RejectLot,
    states=LOT,
    step="reject",
    signed_as=Meaning.REJECTED,
    signs=rejection_content,
    signs_then=content_then,
    reason=Reason.REQUIRED,
    danger=True,
)
def reject_lot(ctx: Context, *, lot_id: int) -> Lot:
    """Reject a lot with its units, with reason and signature."""
    lots = lock_lots(ctx, with_members([lot_id]))
    lot = lots[lot_id]
    LOT.next(LotState(lot.state), "reject")
    steps.reject(ctx, lot, list(lots.values()))
    return lot
