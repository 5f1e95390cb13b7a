"""Refusals of production."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class NoEffectiveRevision(DomainError):
    """An item without an effective revision cannot be made."""

    code = "production.no_effective_revision"
    status = 409
    sentence = _(
        "%(item)s has no effective revision. Have one approved before you plan production."
    )


class NoPlace(DomainError):
    """The site lacks a place that the step needs."""

    code = "production.no_place"
    status = 409
    sentence = _("Site %(site)s has no location of the kind “%(kind)s”. Set one up first.")


class WrongMaterial(DomainError):
    """A lot was scanned whose item the order does not need."""

    code = "production.wrong_material"
    status = 409
    sentence = _(
        "%(lot)s is %(item)s, which work order %(order)s does not use. It needs: %(needed)s."
    )


class MoreThanIssued(DomainError):
    """More was reported as used, or brought back, than the order still has; one blocker per lot."""

    code = "production.more_than_issued"
    status = 409
    sentence = _(
        "The work order does not have this much material left. "
        "Issue it first, or correct the quantity."
    )


class MoreThanPlanned(DomainError):
    """More was reported than the order is for."""

    code = "production.more_than_planned"
    status = 409
    sentence = _(
        "Work order %(order)s is for %(planned)s; %(done)s are reported already, "
        "so %(more)s more are too many."
    )


class ComponentsMissing(DomainError):
    """Units were reported without the components that are recorded unit by unit."""

    code = "production.components_missing"
    status = 422
    sentence = _("Components that are recorded unit by unit are missing.")


class NothingToMove(DomainError):
    """Nothing of the lot lies where it would have to be."""

    code = "production.nothing_to_move"
    status = 409
    sentence = _("Nothing of %(lot)s lies at %(place)s, so there is nothing to move.")


class OutOfLimits(DomainError):
    """A cycle was called conforming although its own parameters are outside their limits."""

    code = "production.out_of_limits"
    status = 409
    sentence = _(
        "The cycle cannot be conforming: these parameters are outside their limits: %(names)s."
    )
