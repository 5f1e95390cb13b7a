"""Refusals about master data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class CodeTaken(DomainError):
    """Another record has this code."""

    code = "masterdata.code_taken"
    status = 409
    sentence = _("“%(value)s” is already used. Codes are given once and never again.")


class BomLoop(DomainError):
    """An item would contain itself."""

    code = "masterdata.bom_loop"
    status = 422
    sentence = _("%(item)s cannot be a component of itself.")


class NoEffectiveRevision(DomainError):
    """The item has no effective revision, so nothing can be made or ordered by it."""

    code = "masterdata.no_effective_revision"
    status = 409
    sentence = _("%(item)s has no effective revision. Draft one and have it approved first.")
