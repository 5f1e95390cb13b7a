"""Refusals about lots and units."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class NumberTaken(DomainError):
    """A lot or serial number exists already for this item and manufacturer."""

    code = "traceability.number_taken"
    status = 409
    sentence = _(
        "These numbers are already used for this item: %(numbers)s. Numbers are never given twice."
    )


class WrongTracking(DomainError):
    """Serials were given for an item followed by lot, or the other way round."""

    code = "traceability.wrong_tracking"
    status = 422
    sentence = _("%(item)s is followed %(tracking)s, so %(given)s cannot be used here.")


class BeforeItExisted(DomainError):
    """An event was told for a moment before one of its lots came into being."""

    code = "traceability.before_it_existed"
    status = 422
    sentence = _("These came into being only at %(since)s: %(lots)s. Give a later time.")
