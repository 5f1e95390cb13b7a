"""What an identifier in a MATCH parameter matches (EPCIS 2.0, 8.2.7.1.1).

An identifier matches itself in either form. A pattern such as ``urn:epc:idpat:sgtin:CP.Item.*``
matches every unit of the product; of classes it matches the product as such.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import Q

from traceability.epcis.identifiers import HOST, canonical, comparable

_PATTERN = re.compile(r"urn:epc:idpat:([a-z]+):(.+)")


def matching(values: Sequence[str], *, classes: bool) -> Q:
    """Return the condition on ``EpcisThing.uri`` that any of these values matches."""
    exact = [comparable(v) for v in values if not _is_pattern(v) or classes]
    found = Q(uri__in=exact) if exact else Q(pk__in=[])
    for value in filter(_is_pattern, values):
        found |= _pattern(value, classes=classes)
    return found


def _is_pattern(value: str) -> bool:
    return value.startswith("urn:epc:idpat:")


def _pattern(value: str, *, classes: bool) -> Q:
    told = _PATTERN.fullmatch(value)
    if told is None:
        return Q(pk__in=[])
    scheme, rest = told.groups()
    link = canonical(f"urn:epc:idpat:sgtin:{rest}") if scheme in {"sgtin", "lgtin"} else None
    if link is not None:
        if classes:
            return Q(uri=link) if scheme == "sgtin" else Q(uri__startswith=f"{link}/10/")
        return Q(uri__startswith=f"{link}/21/")
    return _of_company(scheme, rest.split(".")[0])


def _of_company(scheme: str, prefix: str) -> Q:
    """``CP.*.*``: everything of a company; the indicator or extension digit may be any."""
    if not re.fullmatch(r"\d{6,12}", prefix, re.ASCII):
        return Q(pk__in=[])
    key = {"sgtin": rf"01/\d{prefix}", "lgtin": rf"01/\d{prefix}", "sscc": rf"00/\d{prefix}",
           "grai": f"8003/0{prefix}", "giai": f"8004/{prefix}"}.get(scheme)  # fmt: skip
    return Q(uri__regex=rf"^{re.escape(HOST)}/{key}") if key else Q(pk__in=[])
