"""Refusals about data sheets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class SheetExists(DomainError):
    """There is a sheet in force for this registry."""

    code = "traceability.data_sheet_exists"
    status = 409
    sentence = _("%(di)s has a data sheet for %(registry)s already. Revise that one.")


class WrongRegistry(DomainError):
    """The answers are those of another registry's sheet."""

    code = "traceability.wrong_registry"
    status = 422
    sentence = _("This is a data sheet for %(registry)s. Its questions are other ones.")
