"""A scanned SSCC leads to its logistic unit."""

from __future__ import annotations

from erp.core.actor import Actor
from erp.ui.page import Fact, Link
from erp.ui.scan import Hit, Reading, resolver
from traceability.models import LogisticUnit
from traceability.packing.sscc import LENGTH, is_right

AI = "00"
PREFIXES = ("(00)", "]C100", "]d200", "]Q300", "]e000", "https://id.gs1.org/00/")


def sscc_of(text: str) -> str:
    """Return the SSCC in a scanned text, empty where there is none.

    Takes the bracketed form, AIM prefixes, the digital link, and the plain element string with its
    application identifier; a bare number of 18 digits is one when its check digit fits.
    """
    code = text.strip()
    for prefix in PREFIXES:
        code = code.removeprefix(prefix)
    if len(code) == LENGTH + len(AI):
        code = code.removeprefix(AI)
    return code if is_right(code) else ""


@resolver
def from_sscc(actor: Actor, text: str) -> Reading:
    """Read an SSCC and lead to the box or pallet it names."""
    code = sscc_of(text)
    if not code:
        return Reading()
    facts = [Fact("SSCC", Link(code, mono=True))]
    found = LogisticUnit.objects.visible_to(actor).filter(sscc=code)
    hits = [
        Hit(unit.get_kind_display(), unit.sscc, "", f"/logistic-units/{unit.pk}/", "package")
        for unit in found
    ]
    return Reading(facts, hits)
