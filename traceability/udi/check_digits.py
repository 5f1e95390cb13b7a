"""Check characters of the issuing agencies: pure arithmetic, nothing else.

GS1: weights 3 and 1 from the right, modulo 10 (GS1 General Specifications). HIBCC: sum of the
character values modulo 43 (ANSI/HIBC 2.6).
"""

from __future__ import annotations

HIBC_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
"""Every character of a HIBC code, in the order of its value 0 to 42."""

_ZERO = ord("0")
_VALUES = {character: value for value, character in enumerate(HIBC_CHARACTERS)}


def mod10(body: str) -> str:
    """Return the GS1 check digit of digits that still lack it (GTIN, SSCC, GLN)."""
    raw = body.encode()
    odd, even = raw[-1::-2], raw[-2::-2]
    total = 3 * (sum(odd) - _ZERO * len(odd)) + sum(even) - _ZERO * len(even)
    return str(-total % 10)


def mod43(body: str) -> str:
    """Return the HIBC check character of a code that still lacks it, the leading ``+`` included.

    Raises ``KeyError`` for a character that HIBC does not know.
    """
    return HIBC_CHARACTERS[sum(map(_VALUES.__getitem__, body)) % len(HIBC_CHARACTERS)]
