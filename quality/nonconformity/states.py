"""States of a deviation."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.states import StateTable


class DeviationState(StrEnum):
    """Life of a nonconformity or planned deviation. A closed one is never opened again."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    DISPOSITIONED = "dispositioned"
    CLOSED = "closed"


DEVIATION = StateTable(
    name="deviation",
    initial=DeviationState.OPEN,
    steps={
        (DeviationState.OPEN, "review"): DeviationState.UNDER_REVIEW,
        # Nothing is conceded before it was evaluated (ISO 13485, 8.3.1 and 8.3.2).
        (DeviationState.UNDER_REVIEW, "disposition"): DeviationState.DISPOSITIONED,
        (DeviationState.UNDER_REVIEW, "approve concession"): DeviationState.UNDER_REVIEW,
        (DeviationState.DISPOSITIONED, "close"): DeviationState.CLOSED,
        (DeviationState.DISPOSITIONED, "approve concession"): DeviationState.DISPOSITIONED,
    },
    labels={
        DeviationState.OPEN: _("open"),
        DeviationState.UNDER_REVIEW: _("under review"),
        DeviationState.DISPOSITIONED: pgettext_lazy("state", "disposition decided"),
        DeviationState.CLOSED: pgettext_lazy("state", "closed"),
    },
    tones={
        DeviationState.OPEN: "bad",
        DeviationState.UNDER_REVIEW: "waiting",
        DeviationState.DISPOSITIONED: "info",
        DeviationState.CLOSED: "draft",
    },
)
