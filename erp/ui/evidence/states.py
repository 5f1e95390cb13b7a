"""Life of an evidence pack: requested, then ready or failed; both are final."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.models import EvidencePack
from erp.core.states import StateTable

PackState = EvidencePack.State

PACK: StateTable[str] = StateTable(
    name="evidence pack",
    initial=PackState.QUEUED.value,
    steps={
        (PackState.QUEUED.value, "store"): PackState.READY.value,
        (PackState.QUEUED.value, "fail"): PackState.FAILED.value,
    },
    labels={
        PackState.QUEUED.value: _("being made"),
        PackState.READY.value: _("ready"),
        PackState.FAILED.value: _("failed"),
    },
    tones={
        PackState.QUEUED.value: "waiting",
        PackState.READY.value: "good",
        PackState.FAILED.value: "bad",
    },
)
