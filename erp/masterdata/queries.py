"""Reads of master data."""

from __future__ import annotations

from erp.masterdata.errors import NoEffectiveRevision
from erp.masterdata.models import Item, ItemRevision
from erp.masterdata.states import RevisionState


def effective_revision(item: Item) -> ItemRevision:
    """Return the revision in force, or raise ``NoEffectiveRevision``."""
    found = item.revisions.filter(state=RevisionState.EFFECTIVE).first()
    if found is None:
        raise NoEffectiveRevision(item=item.code)
    return found
