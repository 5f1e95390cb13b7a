"""The Core Business Vocabulary: bare words inside, and the forms others write them in.

In JSON-LD the standard's values are bare words (``shipping``); XML and older partners write URNs or
web addresses. Inside, and in every answer, the bare word stands; values of somebody's own stay the
URIs they are.
"""

from __future__ import annotations

from functools import cache

from traceability.epcis.schema import words

CBV = "https://ref.gs1.org/cbv/"
VOC = "https://gs1.org/voc/"

_FORMS = {
    "bizStep": ("BizStep-", "bizstep"),
    "disposition": ("Disp-", "disp"),
    "bizTransaction-type": ("BTT-", "btt"),
    "source-dest-type": ("SDT-", "sdt"),
    "error-reason": ("ER-", "er"),
    "component": ("Comp-", "comp"),
}


def bare(field: str, value: str) -> str:
    """Return a value as the bare word where it is one of the standard, in whatever form."""
    if ":" not in value:
        return value
    web, urn = _FORMS[field]
    for start in (f"{CBV}{web}", f"urn:epcglobal:cbv:{urn}:", f"cbv:{web}"):
        if value.startswith(start):
            return value[len(start) :]
    return value


def full(field: str, value: str) -> str:
    """Return the web address of a bare word of the standard; anything else as it is."""
    return f"{CBV}{_FORMS[field][0]}{value}" if value in known(field) else value


@cache
def known(field: str) -> frozenset[str]:
    """Return the bare words of a field."""
    return words(field)
