"""The data carrier: from the text of a UDI to the modules of a DataMatrix, and back.

zxing-cpp draws and reads the symbols. GS1 DataMatrix is DataMatrix ECC 200 with FNC1 in first
position; a HIBC symbol is a plain DataMatrix that begins with ``+``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import zxingcpp

from traceability.identifiers.pi import FNC1

ELEMENTS = re.compile(
    rf"^01(?P<di>\d{{14}})(?:11(?P<made>\d{{6}}))?(?:17(?P<expires>\d{{6}}))?"
    rf"(?:10(?P<lot>[^{FNC1}]+)(?:{FNC1}(?=21)|$))?(?:21(?P<serial>[^{FNC1}]+))?$"
)
"""The element strings of ``pi.element_string``: fixed lengths first, then lot, then serial."""
PARTS = (("01", "di"), ("11", "made"), ("17", "expires"), ("10", "lot"), ("21", "serial"))
ONLY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.DataMatrix])
QUIET_MODULES = 1
"""Empty modules that must surround a DataMatrix."""


class Carrier(StrEnum):
    """Symbols a label can carry."""

    GS1 = "gs1-datamatrix"
    HIBC = "hibc-datamatrix"


ISSUER = {Carrier.GS1: "GS1", Carrier.HIBC: "HIBCC"}
"""Whose identifiers a carrier takes."""
SIGNATURE = {Carrier.GS1: "]d2", Carrier.HIBC: "]d1"}
"""What a reader announces before the content (AIM symbology identifier)."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A DataMatrix: its rows of modules, true where dark, without quiet zone."""

    rows: Sequence[Sequence[bool]]

    @property
    def height(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return len(self.rows[0])

    @property
    def side(self) -> int:
        """Return the modules of the longer side with the quiet zone."""
        return max(self.width, self.height) + 2 * QUIET_MODULES


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader saw: the content, and the symbology it announced."""

    content: str
    signature: str


class Unencodable(ValueError):
    """The text does not fit the symbol."""


def encode(carrier: Carrier, content: str) -> Symbol:
    """Draw the symbol of a content; raises ``Unencodable`` where there is none."""
    text = _bracketed(content) if carrier is Carrier.GS1 else content
    options = {"gs1": True} if carrier is Carrier.GS1 else {}
    try:
        made = zxingcpp.create_barcode(
            text, zxingcpp.BarcodeFormat.DataMatrix, forceSquare=True, **options
        )
    except (ValueError, RuntimeError) as error:
        raise Unencodable(str(error)) from error
    picture: Any = made.to_image(scale=1, add_quiet_zones=False)
    pixels: Any = memoryview(picture)
    height, width = pixels.shape
    return Symbol([[pixels[y, x] == 0 for x in range(width)] for y in range(height)])


def _bracketed(content: str) -> str:
    """Return an element string with each application identifier in square brackets.

    Round ones may stand in a lot number (character set 82), square ones may not.
    """
    found = ELEMENTS.match(content)
    if found is None:
        raise Unencodable(content)
    return "".join(f"[{ai}]{found[name]}" for ai, name in PARTS if found[name])


def read(image: Any) -> list[Seen]:
    """Return every DataMatrix in an image."""
    found = zxingcpp.read_barcodes(image, formats=ONLY)
    return [Seen(code.bytes.decode("latin-1"), code.symbology_identifier) for code in found]
