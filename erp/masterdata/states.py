"""States of master data."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from erp.core.states import StateTable


class RevisionState(StrEnum):
    """Life of an item revision."""

    DRAFT = "draft"
    EFFECTIVE = "effective"
    SUPERSEDED = "superseded"


REVISION = StateTable(
    name="item revision",
    initial=RevisionState.DRAFT,
    steps={
        (RevisionState.DRAFT, "approve"): RevisionState.EFFECTIVE,
        (RevisionState.EFFECTIVE, "supersede"): RevisionState.SUPERSEDED,
    },
    labels={
        RevisionState.DRAFT: _("draft"),
        RevisionState.EFFECTIVE: _("effective"),
        RevisionState.SUPERSEDED: _("superseded"),
    },
    tones={
        RevisionState.DRAFT: "draft",
        RevisionState.EFFECTIVE: "good",
        RevisionState.SUPERSEDED: "draft",
    },
)
