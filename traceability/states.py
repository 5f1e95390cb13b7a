"""States of a lot or unit: what quality has decided about it. Holds stack on top (inventory)."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from erp.core.states import StateTable


class LotState(StrEnum):
    """What quality decided."""

    QUARANTINE = "quarantine"
    RELEASED = "released"
    REJECTED = "rejected"


LOT = StateTable(
    name="lot",
    initial=LotState.QUARANTINE,
    steps={
        (LotState.QUARANTINE, "release"): LotState.RELEASED,
        (LotState.QUARANTINE, "reject"): LotState.REJECTED,
        (LotState.RELEASED, "quarantine"): LotState.QUARANTINE,
        (LotState.RELEASED, "reject"): LotState.REJECTED,
        (LotState.REJECTED, "accept by concession"): LotState.RELEASED,
        # After rework, or accepted by concession before its own release: decided anew.
        (LotState.REJECTED, "quarantine"): LotState.QUARANTINE,
        # What took it there was declared not to have happened: as decided before.
        (LotState.QUARANTINE, "restore release"): LotState.RELEASED,
        (LotState.QUARANTINE, "restore rejection"): LotState.REJECTED,
    },
    labels={
        LotState.QUARANTINE: _("quarantine"),
        LotState.RELEASED: _("released"),
        LotState.REJECTED: _("rejected"),
    },
    tones={LotState.QUARANTINE: "waiting", LotState.RELEASED: "good", LotState.REJECTED: "bad"},
)
