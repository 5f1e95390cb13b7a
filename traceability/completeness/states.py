"""Life of an evidence check and of a finding."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.states import StateTable


class RunState(StrEnum):
    """Where a check run is."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


CHECK_RUN = StateTable(
    name="evidence check",
    initial=RunState.QUEUED,
    steps={
        (RunState.QUEUED, "finish"): RunState.DONE,
        (RunState.QUEUED, "fail"): RunState.FAILED,
    },
    labels={
        RunState.QUEUED: _("running"),
        RunState.DONE: pgettext_lazy("evidence check", "done"),
        RunState.FAILED: _("failed"),
    },
    tones={RunState.QUEUED: "waiting", RunState.DONE: "good", RunState.FAILED: "bad"},
)


class FindingState(StrEnum):
    """What became of a finding. The three ends are final: the same gap later is a new finding."""

    OPEN = "open"
    CLOSED = "closed"
    REPAIRED = "repaired"
    EXPLAINED = "explained"


FINDING = StateTable(
    name="evidence finding",
    initial=FindingState.OPEN,
    steps={
        (FindingState.OPEN, "assign"): FindingState.OPEN,
        (FindingState.OPEN, "close"): FindingState.CLOSED,
        (FindingState.OPEN, "repair"): FindingState.REPAIRED,
        (FindingState.OPEN, "explain"): FindingState.EXPLAINED,
    },
    labels={
        FindingState.OPEN: pgettext_lazy("evidence finding", "open"),
        FindingState.CLOSED: _("right again"),
        FindingState.REPAIRED: pgettext_lazy("evidence finding", "repaired"),
        FindingState.EXPLAINED: _("explained"),
    },
    tones={
        FindingState.OPEN: "bad",
        FindingState.CLOSED: "good",
        FindingState.REPAIRED: "good",
        FindingState.EXPLAINED: "info",
    },
)
