"""Refusals about suppliers, orders and receipts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class AlreadyReceived(DomainError):
    """An order with receipts is closed, never cancelled; the receipts are listed."""

    code = "procurement.already_received"
    status = 409
    sentence = _(
        "Goods of %(order)s were received, so it cannot be cancelled. Close it if nothing more is "
        "expected."
    )


class NothingReceived(DomainError):
    """An order without receipts is cancelled, not closed."""

    code = "procurement.nothing_received"
    status = 409
    sentence = _("Nothing of %(order)s was received: there is nothing to close. Cancel it instead.")
