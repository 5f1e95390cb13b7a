"""A document, by the hash of its content: printed on packs, told by ``sha256sum`` of any file."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from audit.models import Attachment
from erp.core.actor import Actor
from erp.ui.page import Fact, Link
from erp.ui.records import of_model
from erp.ui.scan import MAX_HITS, Hit, Reading, resolver

HASH = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)


@resolver
def from_hash(actor: Actor, text: str) -> Reading:
    """Read a hash; it leads to the records that this document is attached to, as far as visible."""
    found = HASH.fullmatch(text.strip())
    if found is None:
        return Reading()
    digest = found[1].lower()
    attached = Attachment.objects.filter(sha256=digest)[:MAX_HITS]
    hits = _hits(actor, list(attached))
    return Reading([Fact(_("Document, by the hash of its content"), Link(digest, mono=True))], hits)


def _hits(actor: Actor, attached: list[Attachment]) -> list[Hit]:
    """Return the visible subjects, one query for each kind of record."""
    hits: list[Hit] = []
    for model in sorted({a.subject_model for a in attached}):
        kind = of_model(model)
        if kind is None:
            continue
        titles = {int(a.subject_pk): a.title for a in attached if a.subject_model == model}
        for record in kind.rows(actor).filter(pk__in=titles):
            title = titles[record.pk]
            hits.append(Hit(kind.label, kind.number(record), title, kind.url(record.pk), kind.icon))
    return hits
