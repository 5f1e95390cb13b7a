"""Which packs and documents a person may see."""

from __future__ import annotations

from django.db.models import QuerySet

from audit.models import Attachment, EvidencePack
from erp.accounts.queries import site_or_own_filter
from erp.core.actor import Actor
from erp.core.errors import NotFound
from erp.ui.records import of_model


def packs_visible_to(actor: Actor) -> QuerySet[EvidencePack]:
    """Return the packs of one's sites and those one asked for."""
    rows = EvidencePack.objects.select_related("site", "requested_by")
    return rows.filter(site_or_own_filter(actor, site="site", own="requested_by"))


def find_attachment(actor: Actor, pk: int) -> Attachment:
    """Return a document if the actor may see the record it belongs to, or raise ``NotFound``."""
    found = Attachment.objects.select_related("attached_by").filter(pk=pk).first()
    kind = of_model(found.subject_model) if found is not None else None
    if found is None or kind is None:
        raise NotFound(what=Attachment._meta.verbose_name)
    kind.find(actor, int(found.subject_pk))
    return found
