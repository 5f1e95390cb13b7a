"""Publishing what we did, so that partners can ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.core.actor import EVERYWHERE
from erp.core.context import Context
from erp.core.errors import NotPermitted
from erp.operations import operation
from traceability.epcis.queries import unpublished
from traceability.epcis.steps import publishing

BLOCK = 2000
CODE = "traceability.publish_events"


@dataclass(frozen=True)
class Published:
    """How many events one call published, and whether there are more."""

    count: int
    more: bool

    def api_answer(self) -> dict[str, Any]:
        """Return the answer of the API."""
        return {"published": self.count, "more": self.more}


@operation(
    CODE,
    title=_("Publish events"),
    sentence=_("What was recorded since the last time becomes available to partners."),
    noun="epcis-events",
    verb="publish",
    machine=True,
    hidden=True,
)
def publish_events(ctx: Context) -> Published:
    """Publish the next of our trace events that are not published, in the order of recording.

    Only who may do so everywhere: publishing one site's alone would leave gaps behind.
    """
    if EVERYWHERE not in ctx.actor.grants[CODE]:
        raise NotPermitted(operation=_("Publish events"))
    pks = unpublished(BLOCK + 1)
    publishing.publish(ctx, pks[:BLOCK])
    return Published(len(pks[:BLOCK]), len(pks) > BLOCK)
