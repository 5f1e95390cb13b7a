"""Refusals about components of units."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class NotAUnit(DomainError):
    """Components are known of units, not of lots."""

    code = "inventory.not_a_unit"
    status = 422
    sentence = _("%(lot)s is a lot: components are replaced in one unit.")


class NotInHouse(DomainError):
    """Work is done on what is here."""

    code = "inventory.not_in_house"
    status = 409
    sentence = _("%(lot)s is not in house. Receive it first, as a return.")


class NotInTheUnit(DomainError):
    """What is to be taken out is not in the unit."""

    code = "inventory.not_in_the_unit"
    status = 409
    sentence = _("%(quantity)s of %(component)s are not in %(unit)s.")


class WrongComponent(DomainError):
    """What is built in has its place in this unit."""

    code = "inventory.wrong_component"
    status = 422
    sentence = _("%(component)s (%(item)s) does not belong into %(unit)s.")


class NoWitness(DomainError):
    """What is destroyed has a witness."""

    code = "inventory.no_witness"
    status = 422
    sentence = _("Name the witness of the destruction.")
