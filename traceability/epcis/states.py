"""States of a capture job and of a subscription."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.states import StateTable


class CaptureState(StrEnum):
    """How far a captured document is."""

    WAITING = "waiting"
    CAPTURED = "captured"
    IN_PART = "in_part"
    REJECTED = "rejected"


CAPTURE = StateTable(
    name="capture",
    initial=CaptureState.WAITING,
    steps={
        (CaptureState.WAITING, "capture"): CaptureState.CAPTURED,
        (CaptureState.WAITING, "capture in part"): CaptureState.IN_PART,
        (CaptureState.WAITING, "reject"): CaptureState.REJECTED,
    },
    labels={
        CaptureState.WAITING: _("waiting"),
        CaptureState.CAPTURED: _("captured"),
        CaptureState.IN_PART: _("captured in part"),
        CaptureState.REJECTED: pgettext_lazy("state of a capture", "rejected"),
    },
    tones={
        CaptureState.WAITING: "waiting",
        CaptureState.CAPTURED: "good",
        CaptureState.IN_PART: "waiting",
        CaptureState.REJECTED: "bad",
    },
)


class SubscriptionState(StrEnum):
    """Whether a subscription is served."""

    ACTIVE = "active"
    ENDED = "ended"


SUBSCRIPTION = StateTable(
    name="event subscription",
    initial=SubscriptionState.ACTIVE,
    steps={(SubscriptionState.ACTIVE, "end"): SubscriptionState.ENDED},
    labels={SubscriptionState.ACTIVE: _("active"), SubscriptionState.ENDED: _("ended")},
    tones={SubscriptionState.ACTIVE: "good", SubscriptionState.ENDED: "draft"},
)
