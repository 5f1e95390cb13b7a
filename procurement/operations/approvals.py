"""Supplier approvals: drafted by one person, signed by another (ISO 13485, 7.4.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Required, TypedDict, Unpack

from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp.core import clock, numbering
from erp.core.context import Context
from erp.core.errors import FieldFault, InvalidInput
from erp.masterdata.models import Partner
from erp.operations import Reason, operation
from erp.operations.declaration import EarlierStep
from procurement import steps
from procurement.events import SupplierSuspended
from procurement.inputs import DraftSupplierApproval
from procurement.locking import lock_approval
from procurement.models import SupplierApproval
from procurement.states import APPROVAL, ApprovalState


class Draft(TypedDict, total=False):
    """What is proposed; as its input says."""

    supplier_id: Required[int]
    item_ids: Required[Sequence[int]]
    risk_class: Required[str]
    method: Required[str]
    valid_until: Required[dt.date]
    basis: str
    conditions: str


def approval_content(approval: SupplierApproval) -> dict[str, Any]:
    """Return what is signed: supplier, scope, evidence, conditions; not the state, it changes."""
    return {
        "number": approval.number,
        "supplier": approval.supplier.code,
        "items": sorted(approval.scope.values_list("item__code", flat=True)),
        "risk_class": approval.risk_class,
        "method": approval.method,
        "basis": approval.basis,
        "conditions": approval.conditions,
        "valid_until": approval.valid_until,
    }


def drafter(approval: SupplierApproval) -> list[EarlierStep]:
    """Return who drafted the approval and so may not sign it."""
    person = approval.drafted_by
    return [(person.pk, person.name, _("draft the supplier approval"))]


@operation(
    "procurement.draft_supplier_approval",
    title=_("Draft supplier approval"),
    sentence=_("The supplier is proposed for these items. Another person approves by signature."),
    noun="supplier-approvals",
    verb="draft",
    creates="procurement.SupplierApproval",
    input=DraftSupplierApproval,
)
def draft_supplier_approval(ctx: Context, **draft: Unpack[Draft]) -> SupplierApproval:
    """Propose a supplier for items, with the evidence it was judged by."""
    now = ctx.at or clock.now()
    _refuse_bad_draft(draft, now.date())
    approval = SupplierApproval(
        number=numbering.take_one("SA"),
        supplier_id=draft["supplier_id"],
        risk_class=draft["risk_class"],
        method=draft["method"],
        basis=draft.get("basis", ""),
        conditions=draft.get("conditions", ""),
        valid_until=draft["valid_until"],
        drafted_by_id=ctx.actor.user_id,
        drafted_at=now,
    )
    return steps.add_approval(approval, draft["item_ids"])


def _refuse_bad_draft(draft: Draft, today: dt.date) -> None:
    faults = []
    partner = Partner.objects.get(pk=draft["supplier_id"])
    if not (partner.is_supplier or partner.is_subcontractor):
        faults.append(FieldFault("supplier_id", str(_("This partner is no supplier."))))
    if draft["valid_until"] < today:
        faults.append(FieldFault("valid_until", str(_("This lies in the past."))))
    if faults:
        raise InvalidInput(faults=faults)


@operation(
    "procurement.approve_supplier",
    title=_("Approve"),
    sentence=_("The supplier may deliver these items until the date given."),
    noun="supplier-approvals",
    verb="approve",
    subject="procurement.SupplierApproval",
    subject_arg="approval_id",
    states=APPROVAL,
    step="approve",
    signed_as=Meaning.APPROVED,
    signs=approval_content,
    other_than=drafter,
    primary=True,
)
def approve_supplier(ctx: Context, *, approval_id: int) -> SupplierApproval:
    """Approve a drafted approval by signature of someone who did not draft it."""
    return steps.approve(ctx, lock_approval(ctx, approval_id), "approve")


@operation(
    "procurement.reinstate_supplier",
    title=_("Reinstate"),
    sentence=_("The supplier may deliver these items again."),
    noun="supplier-approvals",
    verb="reinstate",
    subject="procurement.SupplierApproval",
    subject_arg="approval_id",
    states=APPROVAL,
    step="reinstate",
    signed_as=Meaning.APPROVED,
    signs=approval_content,
    other_than=drafter,
    reason=Reason.REQUIRED,
    primary=True,
)
def reinstate_supplier(ctx: Context, *, approval_id: int) -> SupplierApproval:
    """End a suspension by signature; the reason says what was found and corrected."""
    return steps.approve(ctx, lock_approval(ctx, approval_id), "reinstate")


@operation(
    "procurement.suspend_supplier",
    title=_("Suspend"),
    sentence=_("Nothing more may be ordered or received of these items until reinstated."),
    noun="supplier-approvals",
    verb="suspend",
    subject="procurement.SupplierApproval",
    subject_arg="approval_id",
    states=APPROVAL,
    step="suspend",
    reason=Reason.REQUIRED,
    danger=True,
)
def suspend_supplier(ctx: Context, *, approval_id: int) -> SupplierApproval:
    """Stop ordering and receiving within the scope at once."""
    approval = steps.change_approval(lock_approval(ctx, approval_id), "suspend")
    _tell(ctx, approval)
    return approval


@operation(
    "procurement.withdraw_supplier",
    title=_("Withdraw"),
    sentence=_("The approval ends for good. To use the supplier again, draft a new one."),
    noun="supplier-approvals",
    verb="withdraw",
    subject="procurement.SupplierApproval",
    subject_arg="approval_id",
    states=APPROVAL,
    step="withdraw",
    reason=Reason.REQUIRED,
    danger=True,
)
def withdraw_supplier(ctx: Context, *, approval_id: int) -> SupplierApproval:
    """End an approval for good."""
    approval = lock_approval(ctx, approval_id)
    was_in_force = approval.state == ApprovalState.APPROVED
    steps.change_approval(approval, "withdraw")
    if was_in_force:
        _tell(ctx, approval)
    return approval


def _tell(ctx: Context, approval: SupplierApproval) -> None:
    items = tuple(approval.scope.order_by("item_id").values_list("item_id", flat=True))
    ctx.emit(SupplierSuspended(approval.pk, approval.supplier_id, items))
