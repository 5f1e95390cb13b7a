"""Refusals of sales and delivery."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class NotACustomer(DomainError):
    """The partner is no customer."""

    code = "sales.not_a_customer"
    status = 409
    sentence = _("%(partner)s is not a customer.")


class NotOrdered(DomainError):
    """A lot was scanned whose item is not on the order, or more than was ordered."""

    code = "sales.not_ordered"
    status = 409
    sentence = _("This is not what the order asks for.")


class NothingToShip(DomainError):
    """No allocation of the order can be shipped or picked."""

    code = "sales.nothing_allocated"
    status = 409
    sentence = _("Nothing is reserved for order %(order)s. Allocate lots first.")


class AllocationNotActive(DomainError):
    """A named allocation was broken, withdrawn or shipped already; one blocker per allocation."""

    code = "sales.allocation_not_active"
    status = 409
    sentence = _("Some of these reservations are no longer in force.")


class ReturnedMoreThanShipped(DomainError):
    """More was returned than the shipment delivered, or a lot it did not contain."""

    code = "sales.returned_more_than_shipped"
    status = 409
    sentence = _("More was returned than was shipped.")


class NoQuarantinePlace(DomainError):
    """The site has no quarantine store."""

    code = "sales.no_quarantine_place"
    status = 409
    sentence = _("Site %(site)s has no quarantine store for returned goods. Set one up first.")
