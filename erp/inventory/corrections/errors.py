"""Refusals of corrections."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class NoCorrective(DomainError):
    """These events cannot stand in for the wrong one; each reason is a blocker."""

    code = "inventory.no_corrective"
    status = 422
    sentence = _("These events cannot be what corrects %(declaration)s.")
