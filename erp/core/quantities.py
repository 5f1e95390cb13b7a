"""Quantities: decimal, never float, with at most six places."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError

PLACES = 6
DIGITS = 18
LIMIT = Decimal(10) ** (DIGITS - PLACES)
"""What the database has no digits for."""
ZERO = Decimal(0)
_STEP = Decimal(1).scaleb(-PLACES)


class BadQuantity(DomainError):
    """A quantity is not positive, not finite, too large, or finer than its unit allows."""

    code = "core.bad_quantity"
    status = 422
    sentence = _(
        "%(quantity)s is not a usable quantity: "
        "it must be above zero and below %(limit)s, with at most %(places)s decimals."
    )


def positive(quantity: Decimal, *, places: int = PLACES) -> Decimal:
    """Return ``quantity`` unchanged, or raise ``BadQuantity``.

    ``places`` is the number of decimals the unit of measure allows (0 for pieces).
    """
    fine = (
        quantity.is_finite()
        and 0 < quantity < LIMIT
        and quantity == quantity.quantize(Decimal(1).scaleb(-places))
    )
    if not fine:
        raise BadQuantity(quantity=str(quantity), limit=plain(LIMIT), places=places)
    return quantity


def plain(quantity: Decimal) -> str:
    """Return the quantity without trailing zeros or exponent: ``12.5``, ``100``."""
    text = f"{quantity.normalize():f}"
    return "0" if text == "-0" else text
