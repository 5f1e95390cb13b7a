"""A reading in words, for the page that shows how a code was understood."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.core.errors import Text
from erp.ui.page import Fact, Link
from traceability.udi import Issuer, Precision, Reading, Stated
from traceability.udi.symbology import symbology

ISSUERS = {
    Issuer.GS1: "GS1",
    Issuer.HIBCC: "HIBCC (HIBC)",
    Issuer.ICCBBA: "ICCBBA (ISBT 128)",
    Issuer.MA: "ZIIOT (MA)",
    Issuer.AHM: gettext_lazy("Ali Health (AHM)"),
}
DATES = {
    "expiry": gettext_lazy("Expires"),
    "manufactured": gettext_lazy("Manufactured"),
    "packed": gettext_lazy("Packed"),
    "best_before": gettext_lazy("Best before"),
    "sell_by": gettext_lazy("Sell by"),
    "due": gettext_lazy("Due"),
    "collected": gettext_lazy("Collected"),
    "valid_until": gettext_lazy("Valid until"),
}
PARTS = {
    "sscc": gettext_lazy("Logistic unit (SSCC)"),
    "content": gettext_lazy("GTIN of the content"),
    "order": gettext_lazy("Customer's purchase order"),
    "consignment": gettext_lazy("Consignment"),
    "shipment": gettext_lazy("Shipment"),
    "document": gettext_lazy("Document (GDTI)"),
    "returnable_asset": gettext_lazy("Returnable asset (GRAI)"),
    "asset": gettext_lazy("Asset (GIAI)"),
    "location": gettext_lazy("Location (GLN)"),
    "party": gettext_lazy("Party (GLN)"),
    "provider": gettext_lazy("Service provider (GSRN)"),
    "recipient": gettext_lazy("Service recipient (GSRN)"),
    "software_version": gettext_lazy("Software version"),
    "model": gettext_lazy("Device model (GMN)"),
    "variant": gettext_lazy("Variant"),
    "donation_id": gettext_lazy("Donation"),
    "sterilisation_lot": gettext_lazy("Sterilisation lot"),
}
"""The parts that are shown under a name of their own; the rest stands as the barcode has it."""
SHOWN_ELSEWHERE = {"01", "10", "21", "11", "17", "30", "37"}


def facts_of(reading: Reading) -> list[Fact]:
    """Return what the code says, part by part."""
    return list(_facts(reading))


def _facts(reading: Reading) -> Iterator[Fact]:
    yield Fact(_("Issuer"), ISSUERS[reading.issuer])
    kind = symbology(reading.symbology)
    if kind:
        yield Fact(_("Barcode"), kind.name)
    named = [(_("UDI-DI"), reading.di), (_("Lot"), reading.lot)]
    for label, value in [*named, (_("Serial number"), reading.serial)]:
        if value:
            yield Fact(label, Link(value, mono=True))
    for name, stated in reading.dates.items():
        yield Fact(DATES.get(name, name), date_words(stated))
    if reading.quantity is not None:
        yield Fact(_("Quantity"), str(reading.quantity))
    yield from _other_parts(reading)
    for finding in reading.warnings:
        reason = f"{finding.reason[:1].upper()}{finding.reason[1:]}"
        told = _("%(reason)s Expected: %(expected)s")
        yield Fact(_("Note"), told % {"reason": reason, "expected": finding.expected})


def _other_parts(reading: Reading) -> Iterator[Fact]:
    """Yield the parts that have a name, then the elements that have none."""
    for name, value in reading.parts.items():
        if name in PARTS:
            yield Fact(PARTS[name], Link(value, mono=True))
    named = {reading.parts[name] for name in PARTS if name in reading.parts}
    for code, value in reading.ais.items():
        if code not in SHOWN_ELSEWHERE and value not in named:
            yield Fact(f"({code})", Link(value, mono=True))


def date_words(stated: Stated) -> Text:
    """Return a date no finer than the label has it."""
    if stated.precision is not Precision.MONTH:
        return stated.value.replace("T", " ")
    return _("%(month)s (the label names no day)") % {"month": stated.value}


def what_is(reading: Reading) -> Text:
    """Say what a code names that leads to no record here."""
    name = next((PARTS[p] for p in reading.parts if p in PARTS), None)
    if name is None:
        return _("The code is in order, and names nothing that is kept here.")
    return _("The code is in order. What it names is not known here: %(what)s.") % {"what": name}
