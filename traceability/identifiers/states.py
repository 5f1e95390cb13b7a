"""Life of a device identifier. Withdrawn is final: a DI is never used for anything again."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core.states import StateTable


class IdentifierState(StrEnum):
    """Whether an identifier may stand on a label."""

    DRAFT = "draft"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


IDENTIFIER = StateTable(
    name="device identifier",
    initial=IdentifierState.DRAFT,
    steps={
        (IdentifierState.DRAFT, "correct"): IdentifierState.DRAFT,
        # What a package contains is fixed once it is active: a new package gets a new DI.
        (IdentifierState.DRAFT, "link packaging"): IdentifierState.DRAFT,
        (IdentifierState.DRAFT, "activate"): IdentifierState.ACTIVE,
        # A number registered in error was still registered: it is withdrawn, not deleted.
        (IdentifierState.DRAFT, "withdraw"): IdentifierState.WITHDRAWN,
        (IdentifierState.ACTIVE, "withdraw"): IdentifierState.WITHDRAWN,
    },
    labels={
        IdentifierState.DRAFT: _("draft"),
        IdentifierState.ACTIVE: pgettext_lazy("device identifier", "active"),
        IdentifierState.WITHDRAWN: _("withdrawn"),
    },
    tones={
        IdentifierState.DRAFT: "draft",
        IdentifierState.ACTIVE: "good",
        IdentifierState.WITHDRAWN: "bad",
    },
)
