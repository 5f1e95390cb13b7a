"""Refusals about logistic units."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class NotAnSscc(DomainError):
    """The code has another length or a wrong check digit."""

    code = "packing.not_an_sscc"
    status = 422
    sentence = _("“%(given)s” is no SSCC: 18 digits are expected, and %(digit)s as the last one.")


class SsccTaken(DomainError):
    """The SSCC names another logistic unit already."""

    code = "packing.sscc_taken"
    status = 409
    sentence = _("The SSCC %(sscc)s is already used. It names one logistic unit and no other.")


class NoCompanyPrefix(DomainError):
    """Own SSCCs need the GS1 company prefix of the installation."""

    code = "packing.no_company_prefix"
    status = 409
    sentence = _(
        "No GS1 company prefix is set, so no SSCC of our own can be made. Give the SSCC instead."
    )


class CannotPack(DomainError):
    """Something does not fit into the logistic unit; each reason is a blocker."""

    code = "packing.cannot_pack"
    status = 409
    sentence = _("This cannot be packed into %(unit)s.")


class NotInside(DomainError):
    """What was to be taken out is not in there; each reason is a blocker."""

    code = "packing.not_inside"
    status = 409
    sentence = _("This is not in %(unit)s.")


class StillPacked(DomainError):
    """Goods in a logistic unit are moved, used and shipped with it, or after they are unpacked."""

    code = "packing.still_packed"
    status = 409
    sentence = _("Goods that lie packed go with their box or pallet. Unpack them first.")
