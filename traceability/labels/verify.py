"""Reads labels back and compares: a label that does not say what it should is not accepted.

Compared are the symbol (content and kind, and that there is exactly one), the UDI in plain text,
every other line, and the size of the page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from traceability.labels import carrier, pdf
from traceability.labels.carrier import SIGNATURE, Carrier, Seen
from traceability.labels.drawing import Drawing

PIXELS_PER_MODULE = 4
SIZE_TOLERANCE_MM = 0.5


@dataclass(frozen=True, slots=True)
class Unread:
    """A label that is not accepted: its row, counted from 1, and what is wrong with it."""

    row: int
    reason: str


def unread_in(
    data: bytes,
    kind: Carrier,
    intended: Sequence[Drawing],
    tell: Callable[[float], None] = lambda share: None,
) -> list[Unread]:
    """Read every page of a PDF back; return the labels that are not what was intended."""
    found: list[Unread] = []
    pages = 0
    fine = PIXELS_PER_MODULE / min(d.matrix.module for d in intended)
    for pages, page in enumerate(pdf.look_at(data, fine), start=1):
        if pages > len(intended):
            break
        reason = _of_page(page, kind, intended[pages - 1])
        if reason:
            found.append(Unread(pages, reason))
        if pages % 50 == 0:
            tell(pages / len(intended))
    if pages != len(intended):
        reason = _("The file has %(pages)s pages for %(labels)s labels.")
        found.append(Unread(0, reason % {"pages": pages, "labels": len(intended)}))
    return found


def _of_page(page: pdf.Page, kind: Carrier, intended: Drawing) -> str:
    for measured, wanted in zip(page.size, (intended.width, intended.height), strict=True):
        if abs(measured - wanted) > SIZE_TOLERANCE_MM:
            return _("The page has another size than the label.")
    return wrong_symbol(page.image, kind, intended.content) or _wrong_text(page.text, intended)


def wrong_symbol(image: Any, kind: Carrier, content: str) -> str:
    """Read the symbol of an image; return what is wrong with it, empty when nothing is."""
    seen = carrier.read(image)
    if not seen:
        return _("The symbol cannot be read.")
    if len(seen) > 1:
        return _("There is more than one symbol.")
    if seen[0] != Seen(content, SIGNATURE[kind]):
        said = _("The symbol reads “%(seen)s”, intended was “%(intended)s”.")
        return said % {"seen": visible(seen[0].content), "intended": visible(content)}
    return ""


def _wrong_text(text: str, intended: Drawing) -> str:
    printed = squeezed(text)
    lines = [squeezed(run.text) for run in intended.runs]
    # A lot number stands in the UDI too: a line is there as often as it should be, or it is not.
    missing = [
        run.text
        for run, line in zip(intended.runs, lines, strict=True)
        if printed.count(line) < sum(other.count(line) for other in lines)
    ]
    if missing:
        return _("This text does not stand on it whole: %(text)s") % {"text": ", ".join(missing)}
    if squeezed(intended.plain) not in "".join(lines):
        return _("The UDI in plain text is not “%(udi)s”.") % {"udi": intended.plain}
    return ""


LINE_END_HYPHENS = dict.fromkeys((0x02, 0xAD, 0x2010, 0x2011, 0xFFFE), "-")


def squeezed(text: str) -> str:
    """Return a text without what line breaking changes: blanks, and forms of one letter.

    A hyphen at the end of a line is read back as one that only the line break put there.
    """
    whole = "".join(unicodedata.normalize("NFKC", text).split())
    return whole.translate(LINE_END_HYPHENS)


def visible(content: str) -> str:
    """Return the content of a symbol with its separators visible."""
    return content.replace("\x1d", "<GS>")
