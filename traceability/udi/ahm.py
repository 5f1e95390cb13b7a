"""AHM, the identifiers of Ali Health in China.

Their layout is not published. A code is kept whole, and an installation that knows how its codes
are built says so by patterns of its own (``PROOFLINE_AHM_PATTERNS``): regular expressions whose
groups are named ``di``, ``lot``, ``serial``, ``manufactured``, ``best_before`` or ``expiry``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from traceability.udi.ma import date_of
from traceability.udi.reading import Element, Issuer, Reading, Stated
from traceability.udi.terms import Terms

PREFIX = "AHM"
DATED = ("manufactured", "best_before", "expiry")
PARTS = ("di", "lot", "serial", *DATED)


def split_by(text: str, patterns: Sequence[re.Pattern[str]]) -> re.Match[str] | None:
    """Return the match of the first pattern that fits the whole code."""
    return next((m for p in patterns if (m := p.fullmatch(text))), None)


def read_ahm(
    text: str, terms: Terms, patterns: Sequence[re.Pattern[str]] = (), symbology: str = ""
) -> Reading:
    """Read an AHM code by the installation's patterns, or keep it whole."""
    terms.issuer = Issuer.AHM
    found = split_by(text, patterns)
    parts: dict[str, str] = {}
    elements: list[Element] = []
    stated: dict[str, Stated] = {}
    for name in PARTS:
        value = (found.groupdict().get(name) if found else "") or ""
        if found is None or not value:
            continue
        parts[name] = value
        elements.append(Element(name, value, found.start(name), name))
        if name in DATED:
            stated[name] = date_of(value, found.start(name), terms)
    if found is None:
        terms.warn("ahm_whole", 0, text)
    return Reading(
        issuer=Issuer.AHM,
        form="split" if found else "whole",
        text=text,
        canonical=text,
        di=parts.get("di", ""),
        lot=parts.get("lot", ""),
        serial=parts.get("serial", ""),
        dates=stated,
        parts=parts,
        elements=tuple(elements),
        symbology=symbology,
        warnings=tuple(terms.warnings),
    )
