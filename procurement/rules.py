"""What a supplier's approvals mean for one item on one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from procurement.states import ApprovalState


class Standing(StrEnum):
    """How a supplier stands for an item."""

    APPROVED = "approved"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    NONE = "none"


def standing(approvals: Iterable[tuple[str, dt.date]], day: dt.date) -> Standing:
    """Return the standing that follows from ``(state, valid until)`` of every approval of an item.

    A suspension wins over any other approval of the same item, until it is reinstated or withdrawn:
    a second approval must not be a way round it.
    """
    known = list(approvals)
    if any(state == ApprovalState.SUSPENDED for state, _until in known):
        return Standing.SUSPENDED
    approved = [until for state, until in known if state == ApprovalState.APPROVED]
    if not approved:
        return Standing.NONE
    return Standing.APPROVED if max(approved) >= day else Standing.EXPIRED
