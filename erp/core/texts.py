"""Texts that PostgreSQL cannot keep: told to the caller before the database refuses them."""

from __future__ import annotations

import json
import re

NUL = "\x00"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def refuse_unstorable(text: str) -> None:
    """Raise ``ValueError`` where a JSON text holds U+0000 or half a character, anywhere in it."""
    if "\\u0000" in text:
        raise ValueError("a text holds the character U+0000")
    if not _SURROGATE.search(text):
        return
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text holds half a character") from None
