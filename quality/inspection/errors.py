"""Refusals about inspections."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class PartDoesNotBalance(DomainError):
    """The rejected part is not a true part of what was presented."""

    code = "quality.part_does_not_balance"
    status = 422
    sentence = _(
        "%(rejected)s of %(presented)s cannot be the rejected part: it must be above zero and "
        "below what was presented. To refuse everything, reject the inspection."
    )


class UnitsMustBeNamed(DomainError):
    """A lot of serial-numbered units is accepted in part by naming the rejected units."""

    code = "quality.units_must_be_named"
    status = 422
    sentence = _("%(lot)s consists of single units: name the rejected ones instead of a quantity.")


class UnitsOfAnotherLot(DomainError):
    """Units were named that are not presented by this inspection."""

    code = "quality.units_of_another_lot"
    status = 422
    sentence = _("These units are not part of %(lot)s: %(units)s.")


class ResultExists(DomainError):
    """A sample was measured already; a retest needs a reason and keeps the first result."""

    code = "quality.result_exists"
    status = 409
    sentence = _(
        "There are results already for %(samples)s. To record a retest, give the reason; the first "
        "results stay visible."
    )
