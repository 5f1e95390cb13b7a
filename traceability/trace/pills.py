"""The state of a lot in an answer, and what lies on it: the same on the page and on paper."""

from __future__ import annotations

from collections.abc import Sequence

from erp.ui import page as ui
from traceability.origins import MARKS
from traceability.states import LOT, LotState
from traceability.trace.answer import Node


def state_pills(node: Node) -> Sequence[ui.Pill]:
    """Return what quality decided of the lot, and what lies on it."""
    state = LotState(node.state)
    marks = [ui.Pill(MARKS[code].label, MARKS[code].tone) for code in node.marks]
    return [ui.Pill(LOT.labels[state], LOT.tones[state]), *marks]
