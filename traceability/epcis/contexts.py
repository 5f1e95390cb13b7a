"""JSON-LD contexts: the standard's own, and the prefixes others bring for their extensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STANDARD = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
KNOWN = frozenset(
    {
        STANDARD,
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "https://gs1.github.io/EPCIS/epcis-context.jsonld",
    }
)
"""The addresses under which the same standard context is named. None is ever fetched."""

Context = list[Any]


def extensions(context: object) -> Context:
    """Return what a context says beyond the standard's: prefixes, and other addresses, as given."""
    entries = context if isinstance(context, list) else [context]
    return [e for e in entries if e and not (isinstance(e, str) and e in KNOWN)]


def namespaces(*contexts: Sequence[Any]) -> dict[str, str]:
    """Return prefix to namespace of these contexts; a later one goes before an earlier."""
    found: dict[str, str] = {}
    for context in contexts:
        for entry in context:
            if isinstance(entry, Mapping):
                found.update({k: v for k, v in entry.items() if isinstance(v, str)})
    return found


def joined(contexts: Sequence[Context]) -> tuple[Context, list[Context]]:
    """Return one context for a document, and for each event what it must still say itself.

    Where two events mean different things by one prefix, the later one keeps its own.
    """
    shared: dict[str, Any] = {}
    addresses: list[str] = []
    rest: list[Context] = []
    for context in contexts:
        own = {k: v for e in context if isinstance(e, Mapping) for k, v in e.items()}
        addresses += [e for e in context if isinstance(e, str) and e not in addresses]
        clash = any(shared.get(k, v) != v for k, v in own.items())
        rest.append([{k: v} for k, v in own.items()] if clash else [])
        if not clash:
            shared.update(own)
    return [STANDARD, *addresses, *({k: v} for k, v in shared.items())], rest
