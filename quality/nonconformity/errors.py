"""Refusals about deviations and concessions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class PeriodEndsBeforeItBegins(DomainError):
    """A concession's period is empty."""

    code = "quality.period_ends_before_it_begins"
    status = 422
    sentence = _("The concession would end on %(until)s, before it begins on %(since)s.")


class ConcessionExists(DomainError):
    """A deviation carries one concession; another departure is another deviation."""

    code = "quality.concession_exists"
    status = 409
    sentence = _(
        "%(deviation)s carries concession %(concession)s already. Open another deviation for a "
        "further one."
    )


class ConcessionNamesNoLot(DomainError):
    """A concession covers lots; a deviation without lots has none to cover."""

    code = "quality.concession_names_no_lot"
    status = 422
    sentence = _("Name the lots that the concession covers.")


class NoVirtualPlace(DomainError):
    """A site lacks the place that goods are booked to."""

    code = "quality.no_virtual_place"
    status = 409
    sentence = _("A site where these goods lie has no place “%(kind)s”. Set it up first.")
