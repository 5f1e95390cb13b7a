"""What a signature can mean: a closed list, shown in full at signing (21 CFR 11.50(a)(3))."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Meaning(TextChoices):
    """The meanings people sign with."""

    AUTHORED = "authored", _("Authored")
    REVIEWED = "reviewed", _("Reviewed")
    APPROVED = "approved", _("Approved")
    RELEASED = "released", _("Released")
    REJECTED = "rejected", _("Rejected")
    PERFORMED = "performed", _("Performed")
    VERIFIED = "verified", _("Verified")
    CONCESSION = "concession", _("Accepted by concession")


STATEMENTS = {
    Meaning.AUTHORED: _("I wrote this and it is correct to the best of my knowledge."),
    Meaning.REVIEWED: _("I reviewed this record and its evidence."),
    Meaning.APPROVED: _("I approve this and take responsibility for the decision."),
    Meaning.RELEASED: _("I reviewed the evidence and release this for the use stated."),
    Meaning.REJECTED: _("I reviewed the evidence and reject this."),
    Meaning.PERFORMED: _("I did this work as recorded."),
    Meaning.VERIFIED: _("I checked this work against its requirement."),
    Meaning.CONCESSION: _(
        "I accept this departure for the scope and period stated, for the reason given."
    ),
}
