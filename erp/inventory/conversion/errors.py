"""Refusals of conversions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class NotFree(DomainError):
    """Blocked and recalled goods, and those under way, are not made into something else."""

    code = "inventory.not_free"
    status = 409
    sentence = _("Goods that are “%(status)s” wait for a decision: nothing is made of them.")


class LotHasUnits(DomainError):
    """A lot whose pieces carry their own numbers is not a quantity."""

    code = "inventory.lot_has_units"
    status = 409
    sentence = _("%(lot)s consists of units with their own serial numbers. Name the units instead.")


class NotALot(DomainError):
    """A unit cannot be parted."""

    code = "inventory.not_a_lot"
    status = 422
    sentence = _("%(lot)s is one unit with a serial number: it cannot be divided or merged.")


class CannotMerge(DomainError):
    """The lots differ in what must be the same; each difference is a blocker."""

    code = "inventory.cannot_merge"
    status = 409
    sentence = _("These lots cannot become one.")


class NotTheWholeKit(DomainError):
    """Something the bill of material asks for is not in the kit; each gap is a fault."""

    code = "inventory.not_the_whole_kit"
    status = 422
    sentence = _("The bill of material asks for more.")
