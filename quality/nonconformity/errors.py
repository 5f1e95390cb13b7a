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


class ConcessionNamesNoSupply(DomainError):
    """A concession about a supplier covers items of that supplier, never the supplier as such."""

    code = "quality.concession_names_no_supply"
    status = 422
    sentence = _("Name the supplier and the items that the concession covers.")


class ConcessionNamesNoInstrument(DomainError):
    """A concession about instruments names them."""

    code = "quality.concession_names_no_instrument"
    status = 422
    sentence = _("Name the instruments that the concession covers.")


class ConcessionNamesOthers(DomainError):
    """What is asked about lots is not conceded by naming an instrument."""

    code = "quality.concession_names_others"
    status = 422
    sentence = _("“%(gate)s” is asked about other records. Leave empty: %(fields)s.")


class InstrumentOfAnotherSite(DomainError):
    """A concession holds at the site of its deviation."""

    code = "quality.instrument_of_another_site"
    status = 422
    sentence = _("%(instruments)s: not an instrument of site %(site)s.")


class NoVirtualPlace(DomainError):
    """A site lacks the place that goods are booked to."""

    code = "quality.no_virtual_place"
    status = 409
    sentence = _("A site where these goods lie has no place “%(kind)s”. Set it up first.")
