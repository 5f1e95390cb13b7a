"""Refusals about packs and documents."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class PackNotReady(DomainError):
    """The pack is still being made, or could not be made."""

    code = "evidence.pack_not_ready"
    status = 409
    sentence = _("%(number)s is not ready: its state is %(state)s.")
