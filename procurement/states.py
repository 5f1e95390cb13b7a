"""States of supplier approvals and purchase orders."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.states import StateTable


class ApprovalState(StrEnum):
    """Life of a supplier approval."""

    DRAFT = "draft"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


APPROVAL = StateTable(
    name="supplier approval",
    initial=ApprovalState.DRAFT,
    steps={
        (ApprovalState.DRAFT, "approve"): ApprovalState.APPROVED,
        (ApprovalState.APPROVED, "suspend"): ApprovalState.SUSPENDED,
        (ApprovalState.SUSPENDED, "reinstate"): ApprovalState.APPROVED,
        (ApprovalState.DRAFT, "withdraw"): ApprovalState.WITHDRAWN,
        (ApprovalState.APPROVED, "withdraw"): ApprovalState.WITHDRAWN,
        (ApprovalState.SUSPENDED, "withdraw"): ApprovalState.WITHDRAWN,
    },
    labels={
        ApprovalState.DRAFT: _("draft"),
        ApprovalState.APPROVED: pgettext_lazy("state", "approved"),
        ApprovalState.SUSPENDED: _("suspended"),
        ApprovalState.WITHDRAWN: _("withdrawn"),
    },
    tones={
        ApprovalState.DRAFT: "draft",
        ApprovalState.APPROVED: "good",
        ApprovalState.SUSPENDED: "bad",
        ApprovalState.WITHDRAWN: "draft",
    },
)


class OrderState(StrEnum):
    """Life of a purchase order."""

    DRAFT = "draft"
    ORDERED = "ordered"
    RECEIVED = "received"
    CANCELLED = "cancelled"


ORDER = StateTable(
    name="purchase order",
    initial=OrderState.DRAFT,
    steps={
        (OrderState.DRAFT, "order"): OrderState.ORDERED,
        (OrderState.DRAFT, "cancel"): OrderState.CANCELLED,
        (OrderState.ORDERED, "receive"): OrderState.RECEIVED,
        (OrderState.ORDERED, "close"): OrderState.RECEIVED,
        (OrderState.ORDERED, "cancel"): OrderState.CANCELLED,
        # The receipt that filled it was declared wrong.
        (OrderState.RECEIVED, "reopen"): OrderState.ORDERED,
    },
    labels={
        OrderState.DRAFT: _("draft"),
        OrderState.ORDERED: _("ordered"),
        OrderState.RECEIVED: _("received"),
        OrderState.CANCELLED: _("cancelled"),
    },
    tones={
        OrderState.DRAFT: "draft",
        OrderState.ORDERED: "waiting",
        OrderState.RECEIVED: "good",
        OrderState.CANCELLED: "draft",
    },
)
