"""Pure rules of the registry: how issuers write a DI, its check character, which one applies."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text
from traceability.udi.check_digits import HIBC_CHARACTERS, mod10, mod43

GTIN_LENGTH = 14
GTIN_LENGTHS = (8, 12, 13, 14)
HIBC_DI = re.compile(r"^[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]$")
INVARIANT = re.compile(r"""^[A-Za-z0-9 !"%&'()*+,\-./:;<=>?_]+$""")
"""ISO/IEC 646, invariant set: what a DI may be written in (21 CFR 830.20(c))."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a DI: where (counted from 1, 0 for the whole), what stands there and
    what was expected. A ``doubtful`` one may be accepted knowingly; any other may not.
    """

    position: int
    found: str
    expected: Text
    reason: Text
    doubtful: bool = False


def as_kept(issuer: str, di: str) -> str:
    """Return a DI as the registry keeps it, whichever way its issuer lets people write it."""
    text = di.strip()
    if issuer == "GS1":
        return text.zfill(GTIN_LENGTH) if text.isdecimal() else text
    if issuer == "HIBCC":
        text = text.upper()
        return text[1:-1] if text.startswith("+") else text
    return text


def forms_of(issuer: str, di: str) -> set[str]:
    """Return every form in which the registry may hold a DI.

    Databases hold HIBC numbers with their check character as if it were part of the number; such a
    one, taken over with a warning, is the same DI as the one without.
    """
    kept = as_kept(issuer, di)
    if issuer != "HIBCC" or not kept or any(c not in HIBC_CHARACTERS for c in kept):
        return {kept}
    forms = {kept, kept + mod43(f"+{kept}")}
    return forms | {kept[:-1]} if mod43(f"+{kept[:-1]}") == kept[-1] else forms


def faults_of(issuer: str, di: str) -> list[Fault]:
    """Return what is wrong with a DI by its issuer's rules, none when it is right."""
    text = di.strip()
    if not INVARIANT.match(text):
        return [_foreign_character(text)]
    return _CHECKS[issuer](text)


def _foreign_character(text: str) -> Fault:
    position = next((n for n, c in enumerate(text, 1) if not INVARIANT.match(c)), 0)
    found = text[position - 1] if position else ""
    return Fault(position, found, "A–Z 0–9", _("a character that no device identifier may contain"))


def _gs1(text: str) -> list[Fault]:
    for position, character in enumerate(text, 1):
        if not ("0" <= character <= "9"):
            return [Fault(position, character, "0–9", _("a GTIN has digits only"))]
    if len(text) not in GTIN_LENGTHS:
        expected = ", ".join(map(str, GTIN_LENGTHS))
        return [Fault(0, str(len(text)), expected, _("a GTIN has 8, 12, 13 or 14 digits"))]
    right = mod10(text[:-1])
    if text[-1] == right:
        return []
    reason = _("the check digit does not fit the other digits")
    return [Fault(len(text), text[-1], right, reason, doubtful=True)]


def _hibc(text: str) -> list[Fault]:
    upper = text.upper()
    for position, character in enumerate(upper, 1):
        if character not in HIBC_CHARACTERS:
            reason = _("a character that HIBC does not know")
            return [Fault(position, character, HIBC_CHARACTERS, reason)]
    if upper.startswith("+"):
        return _hibc_shape(upper[1:-1]) or _hibc_check(upper)
    return _hibc_shape(upper) or _hibc_check_kept(upper)


def _hibc_shape(di: str) -> list[Fault]:
    if HIBC_DI.match(di):
        return []
    if di and not di[-1].isdecimal() and HIBC_DI.match(di[:-1]):
        return _hibc_check_kept(di)
    expected = _("a letter, three letters or digits, 1 to 18 letters or digits, one digit")
    return [Fault(0, di, expected, _("not the shape of a HIBC device identifier"))]


def _hibc_check(text: str) -> list[Fault]:
    right = mod43(text[:-1])
    if text[-1] == right:
        return []
    reason = _("the check character does not fit the other characters")
    return [Fault(len(text), text[-1], right, reason, doubtful=True)]


def _hibc_check_kept(di: str) -> list[Fault]:
    """Doubt a DI that ends in its own check character: databases hold many, labels carry none."""
    if len(di) < len("A1230X0") or not di[-2].isdecimal() or mod43("+" + di[:-1]) != di[-1]:
        return [] if HIBC_DI.match(di) else _no_unit_of_measure(di)
    reason = _("the last character is the check character, which is no part of the identifier")
    return [Fault(len(di), di[-1], di[:-1], reason, doubtful=True)]


def _no_unit_of_measure(di: str) -> list[Fault]:
    return [Fault(len(di), di[-1], "0–9", _("a HIBC identifier ends in its unit of measure"))]


def _iccbba(text: str) -> list[Fault]:
    if re.match(r"^[A-Z0-9]{16}$", text):
        return []
    expected = _("16 letters and digits")
    return [Fault(0, text, expected, _("not the shape of an ISBT 128 device identifier"))]


def _ma(text: str) -> list[Fault]:
    if re.match(r"^MA\.\d{3}\.[A-Z]\d\.[A-Z0-9]+\.[A-Z0-9]+$", text):
        return []
    reason = _("not the shape of an MA device identifier")
    return [Fault(0, text, "MA.156.M0.100000.10000001", reason)]


def _opaque(_text: str) -> list[Fault]:
    """Take it as it is: no public rule for this issuer was found."""
    return []


_CHECKS: Mapping[str, Callable[[str], list[Fault]]] = {
    "GS1": _gs1,
    "HIBCC": _hibc,
    "ICCBBA": _iccbba,
    "MA": _ma,
    "AHM": _opaque,
}
ISSUERS = tuple(_CHECKS)


class Candidate(Protocol):
    """What the choice between identifiers looks at."""

    revision_id: int | None
    market: str
    state: str
    valid_from: dt.date | None
    withdrawn_on: dt.date | None


C = TypeVar("C", bound=Candidate)


def choose(
    candidates: Iterable[C],
    *,
    revision_id: int | None = None,
    market: str = "",
    on: dt.date | None = None,
) -> C | None:
    """Return the identifier that applies, ``None`` where none does.

    An identifier applies from its revision on, until a later one of another revision. The market's
    own goes before the one for all markets; where several remain, the one in force ``on`` that
    day, else the active one, else the newest.
    """
    fit = [c for c in candidates if c.market in ("", market) and _reaches(c, revision_id)]

    def rank(c: C) -> tuple[bool, int, bool, bool]:
        own = bool(market) and c.market == market
        return (own, c.revision_id or 0, _in_force(c, on), c.state == "active")

    # The last of equals: candidates come oldest first.
    return max(reversed(fit), key=rank, default=None)


def _reaches(candidate: Candidate, revision_id: int | None) -> bool:
    if candidate.revision_id is None or revision_id is None:
        return True
    # Revisions are numbered in the order in which they were drafted.
    return candidate.revision_id <= revision_id


def _in_force(candidate: Candidate, on: dt.date | None) -> bool:
    if on is None or candidate.valid_from is None:
        return False
    ended = candidate.withdrawn_on is not None and candidate.withdrawn_on < on
    return candidate.valid_from <= on and not ended
