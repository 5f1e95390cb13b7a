"""Life of a data sheet. What was sent is never edited: a further version replaces it."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from erp.core.states import StateTable


class DataSheetState(StrEnum):
    """How far a data sheet is."""

    DRAFT = "draft"
    READY = "ready"
    SUBMITTED = "submitted"
    SUPERSEDED = "superseded"


DATA_SHEET = StateTable(
    name="data sheet",
    initial=DataSheetState.DRAFT,
    steps={
        (DataSheetState.DRAFT, "answer"): DataSheetState.DRAFT,
        (DataSheetState.DRAFT, "declare ready"): DataSheetState.READY,
        (DataSheetState.READY, "record submission"): DataSheetState.SUBMITTED,
        (DataSheetState.READY, "revise"): DataSheetState.SUPERSEDED,
        (DataSheetState.SUBMITTED, "revise"): DataSheetState.SUPERSEDED,
    },
    labels={
        DataSheetState.DRAFT: _("draft"),
        DataSheetState.READY: _("ready to submit"),
        DataSheetState.SUBMITTED: _("submitted"),
        DataSheetState.SUPERSEDED: _("superseded"),
    },
    tones={
        DataSheetState.DRAFT: "draft",
        DataSheetState.READY: "good",
        DataSheetState.SUBMITTED: "info",
        DataSheetState.SUPERSEDED: "draft",
    },
)
