"""The symbology identifiers that scanners put before the data (ISO/IEC 15424), as ``]d2``."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Content(StrEnum):
    """What a symbology promises about its data."""

    GS1 = "gs1"
    GTIN = "gtin"
    PLAIN = "plain"


class Symbology(NamedTuple):
    """A kind of barcode: its name, what it promises, and the lengths of a GTIN in it."""

    name: str
    content: Content
    lengths: tuple[int, ...] = ()


LENGTH = 3
SYMBOLOGIES = {
    "]C1": Symbology("GS1-128", Content.GS1),
    "]e0": Symbology("GS1 DataBar", Content.GS1),
    "]e1": Symbology("GS1 Composite", Content.GS1),
    "]e2": Symbology("GS1 Composite", Content.GS1),
    "]d2": Symbology("GS1 DataMatrix", Content.GS1),
    "]Q3": Symbology("GS1 QR Code", Content.GS1),
    "]J1": Symbology("GS1 DotCode", Content.GS1),
    "]E0": Symbology("EAN-13, UPC", Content.GTIN, (13,)),
    "]E3": Symbology("EAN-13, UPC with supplement", Content.GTIN, (15, 18)),
    "]E4": Symbology("EAN-8", Content.GTIN, (8,)),
    "]I1": Symbology("ITF-14", Content.GTIN, (14,)),
}
FAMILIES = {
    "A": "Code 39",
    "C": "Code 128",
    "F": "Codabar",
    "G": "Code 93",
    "I": "Interleaved 2 of 5",
    "J": "DotCode",
    "L": "PDF417",
    "Q": "QR Code",
    "U": "MaxiCode",
    "d": "Data Matrix",
    "z": "Aztec Code",
}
"""Barcodes that promise nothing about their data: by the letter of their identifier."""


def symbology(identifier: str) -> Symbology | None:
    """Return the kind of barcode an identifier names, ``None`` where nobody knows it."""
    known = SYMBOLOGIES.get(identifier)
    if known is not None or not identifier[2:].isalnum():
        return known
    name = FAMILIES.get(identifier[1:2])
    return Symbology(name, Content.PLAIN) if name else None
