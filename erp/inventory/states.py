"""States of a hold."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.states import StateTable


class HoldState(StrEnum):
    """Life of a hold."""

    OPEN = "open"
    RELEASED = "released"


HOLD = StateTable(
    name="hold",
    initial=HoldState.OPEN,
    steps={(HoldState.OPEN, "release"): HoldState.RELEASED},
    labels={
        HoldState.OPEN: _("open"),
        HoldState.RELEASED: pgettext_lazy("state of a hold", "released"),
    },
    tones={HoldState.OPEN: "bad", HoldState.RELEASED: "draft"},
)
