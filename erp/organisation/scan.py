"""A person's badge: ``P-`` and the user name, as the badge's barcode carries it."""

from __future__ import annotations

from erp.core.actor import Actor
from erp.organisation.records.people import PEOPLE
from erp.ui.scan import Reading, hit_of, resolver

BADGE = "P-"


@resolver
def from_badge(actor: Actor, text: str) -> Reading:
    """Read a badge; it leads to the person, for those who may see people.

    The prefix keeps a badge apart from a lot that happens to be numbered like somebody's name. A
    badge names a person and proves nothing: nobody signs or signs in by it.
    """
    code = text.strip()
    if not code.upper().startswith(BADGE):
        return Reading()
    rows = PEOPLE.rows(actor).filter(username__iexact=code[len(BADGE) :])
    return Reading(hits=[hit_of(PEOPLE, person) for person in rows[:1]])
