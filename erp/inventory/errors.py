"""Refusals about stock."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class NotEnoughStock(DomainError):
    """More was asked than lies there; every short line is a blocker."""

    code = "inventory.not_enough_stock"
    status = 409
    sentence = _("There is not enough stock for this.")


class TooFine(DomainError):
    """A quantity has more decimals than its unit allows."""

    code = "inventory.too_fine"
    status = 422
    sentence = _(
        "%(quantity)s %(unit)s of %(item)s is finer than the unit allows (%(places)s decimals)."
    )


class WrongPlace(DomainError):
    """The place cannot be used for this."""

    code = "inventory.wrong_place"
    status = 422
    sentence = _("%(location)s cannot be used for this: it is %(kind)s.")
