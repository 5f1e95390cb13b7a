"""Refusals about instruments and calibrations."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class CodeTaken(DomainError):
    """Another instrument carries this code already."""

    code = "equipment.code_taken"
    status = 409
    sentence = _("The code %(instrument)s is given to another instrument already. Choose another.")


class ContradictsPoints(DomainError):
    """A verdict was entered that the measured points do not bear out."""

    code = "equipment.contradicts_points"
    status = 422
    sentence = _("What was entered does not agree with the measured points. Correct one of them.")


class InstrumentRetired(DomainError):
    """A retired instrument is calibrated no more."""

    code = "equipment.retired"
    status = 409
    sentence = _("%(instrument)s is retired: it is neither used nor calibrated any more.")
