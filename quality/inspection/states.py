"""States of inspection plans and inspections."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from erp.core.states import StateTable


class PlanState(StrEnum):
    """Life of an inspection plan."""

    EFFECTIVE = "effective"
    SUPERSEDED = "superseded"


PLAN = StateTable(
    name="inspection plan",
    initial=PlanState.EFFECTIVE,
    steps={(PlanState.EFFECTIVE, "supersede"): PlanState.SUPERSEDED},
    labels={PlanState.EFFECTIVE: _("effective"), PlanState.SUPERSEDED: _("superseded")},
    tones={PlanState.EFFECTIVE: "good", PlanState.SUPERSEDED: "draft"},
)


class InspectionState(StrEnum):
    """Life of an inspection. What was decided stays; a new inspection is opened instead."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PARTLY_ACCEPTED = "partly_accepted"
    WITHDRAWN = "withdrawn"


INSPECTION = StateTable(
    name="inspection",
    initial=InspectionState.OPEN,
    steps={
        (InspectionState.OPEN, "record results"): InspectionState.OPEN,
        (InspectionState.OPEN, "accept"): InspectionState.ACCEPTED,
        (InspectionState.OPEN, "reject"): InspectionState.REJECTED,
        (InspectionState.OPEN, "accept in part"): InspectionState.PARTLY_ACCEPTED,
        # The goods never came: the receipt was declared wrong.
        (InspectionState.OPEN, "withdraw"): InspectionState.WITHDRAWN,
    },
    labels={
        InspectionState.OPEN: _("open"),
        InspectionState.ACCEPTED: _("accepted"),
        InspectionState.REJECTED: _("rejected"),
        InspectionState.PARTLY_ACCEPTED: _("partly accepted"),
        InspectionState.WITHDRAWN: _("withdrawn"),
    },
    tones={
        InspectionState.OPEN: "waiting",
        InspectionState.ACCEPTED: "good",
        InspectionState.REJECTED: "bad",
        InspectionState.PARTLY_ACCEPTED: "info",
        InspectionState.WITHDRAWN: "draft",
    },
)
