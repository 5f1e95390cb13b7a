"""Reading codes with the settings of this installation."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from django.conf import settings

from traceability.udi import Issuer, Level, Reading, Tolerance, parse


def read(
    text: str,
    *,
    strict: bool = True,
    permit: Collection[Tolerance] = (),
    level: Level = Level.CARRIER,
    issuer: Issuer | None = None,
) -> Reading:
    """Read a code as ``udi.parse`` does, with this installation's substitutes and AHM layouts."""
    return parse(
        text,
        strict=strict,
        permit=permit,
        level=level,
        issuer=issuer,
        fnc1=settings.FNC1_SUBSTITUTES,
        ahm=_patterns(tuple(settings.AHM_PATTERNS)),
    )


@cache
def _patterns(expressions: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(expression) for expression in expressions)
