"""Refusals of removals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class OwnWitness(DomainError):
    """Who destroys goods does not witness it."""

    code = "inventory.own_witness"
    status = 422
    sentence = _("The witness is another person than the one who does it.")


class NothingDiffers(DomainError):
    """The count found what the books say."""

    code = "inventory.nothing_differs"
    status = 409
    sentence = _("%(quantity)s of %(lot)s lie there by the books as well: nothing to adjust.")


class NotBought(DomainError):
    """Only what a supplier delivered goes back to one."""

    code = "inventory.not_bought"
    status = 409
    sentence = _("%(lot)s did not come from a supplier, so it cannot go back to one.")
