"""Which GS1 elements must, and which must not, come together on one item."""

from __future__ import annotations

from collections.abc import Sequence

from traceability.udi.gs1.dictionary import AIS, ApplicationIdentifier, Pattern
from traceability.udi.reading import Element
from traceability.udi.terms import Level, Terms

KEYS = frozenset(code for code, ai in AIS.items() if ai.key) | {"03"}
"""What names the item itself. Contents (02, 8026) do not: the pallet's own barcode names it."""
SIGNATURE = "8030"
SERIALISED = {"253": 13, "255": 13, "8003": 14}
"""Keys with an optional serial number, and their length without it."""


def check(elements: Sequence[Element], terms: Terms) -> None:
    """Refuse elements that contradict each other or lack what they need."""
    if terms.level is Level.PARSE:
        return
    values = _once(elements, terms)
    for code, element in values.items():
        ai = AIS.get(code)
        if ai is None:
            continue
        if ai.excludes or not ai.never.isdisjoint(values):
            _exclusive(element, ai, values, terms)
        if ai.requires and ai.beside.isdisjoint(values):
            for groups in ai.requires:
                if not any(all(_present(p, values, code) for p in group) for group in groups):
                    _lacking(element, groups, values, terms)
    _signed(values, terms)


def _once(elements: Sequence[Element], terms: Terms) -> dict[str, Element]:
    """Return the elements by identifier. One may be there twice, if it says the same."""
    values: dict[str, Element] = {}
    for element in elements:
        first = values.setdefault(element.code, element)
        if first.value != element.value:
            terms.refuse(
                "repeated", element.position, element.value, ai=element.code, first=first.value
            )
    return values


def _exclusive(
    element: Element, ai: ApplicationIdentifier, values: dict[str, Element], terms: Terms
) -> None:
    others = [code for code in values if code in ai.never]
    others += filter(None, (_present(p, values, ai.code) for p in ai.excludes))
    if others:
        terms.refuse("exclusive", element.position, ai.code, ai=ai.code, other=others[0])


def _present(pattern: Pattern, values: dict[str, Element], own: str) -> str:
    """Return the identifier that fits a pattern; no identifier fits for itself."""
    prefix, length = pattern
    if len(prefix) == length:
        return prefix if prefix in values and prefix != own else ""
    fitting = (c for c in values if len(c) == length and c.startswith(prefix) and c != own)
    return next(fitting, "")


def _lacking(
    element: Element,
    groups: Sequence[Sequence[Pattern]],
    values: dict[str, Element],
    terms: Terms,
) -> None:
    wanted = ", ".join("+".join(p.ljust(length, "n") for p, length in g) for g in groups)
    if terms.level is Level.ASSOCIATION or not KEYS.isdisjoint(values):
        terms.refuse("lacking", element.position, element.code, ai=element.code, wanted=wanted)
    terms.warn("lacking_here", element.position, element.code, ai=element.code, wanted=wanted)


def _signed(values: dict[str, Element], terms: Terms) -> None:
    """A digital signature belongs to one thing, so its key must be serialised."""
    if SIGNATURE not in values:
        return
    for code, length in SERIALISED.items():
        if code in values and len(values[code].value) == length:
            terms.refuse("serial_missing", values[code].position + length, ai=code)
