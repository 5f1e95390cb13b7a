"""Check characters of the issuing agencies: pure arithmetic, nothing else.

GS1: weights 3 and 1 from the right, modulo 10 (GS1 General Specifications). HIBCC: sum of the
character values modulo 43 (ANSI/HIBC 2.6).
"""

from __future__ import annotations

HIBC_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
"""Every character of a HIBC code, in the order of its value 0 to 42."""


def mod10(body: str) -> str:
    """Return the GS1 check digit of digits that still lack it (GTIN, SSCC, GLN)."""
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(body)))
    return str(-total % 10)


def mod43(body: str) -> str:
    """Return the HIBC check character of a code that still lacks it, the leading ``+`` included.

    Raises ``ValueError`` for a character that HIBC does not know.
    """
    return HIBC_CHARACTERS[sum(HIBC_CHARACTERS.index(c) for c in body) % len(HIBC_CHARACTERS)]
