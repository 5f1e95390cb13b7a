"""Labels as PDF, one page each: made by WeasyPrint from the SVG, looked at again by PDFium.

Made with one library and read with another, so that a fault of the first does not hide itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
import pypdfium2
import weasyprint
from weasyprint.urls import URLFetcher

from traceability.labels.drawing import Drawing
from traceability.labels.svg import number, svg_of

AT_ONCE = 100
"""Labels laid out together: bounds memory, and lets progress be told."""
POINTS = 72
MEDIA_TYPE = "application/pdf"

Tell = Callable[[float], None]


class NoFiles(URLFetcher):  # type: ignore[misc]
    """Lets a label load nothing: text from records must never reach a file or the network."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Refuse."""
        raise ValueError(url)


@dataclass(frozen=True, slots=True)
class Page:
    """One printed page as a reader sees it: its picture and its text."""

    image: Any
    text: str
    size: tuple[float, float]
    """Width and height in millimetres."""


def pdf_of(
    labels: Sequence[tuple[Drawing, int]],
    identifier: bytes,
    tell: Tell = lambda share: None,
) -> bytes:
    """Return a PDF with as many pages for every drawing as it has copies, in order."""
    with pikepdf.new() as document:
        for start in range(0, len(labels), AT_ONCE):
            group = labels[start : start + AT_ONCE]
            part = _pages([drawing for drawing, _copies in group], identifier)
            with pikepdf.open(io.BytesIO(part)) as read:
                for page, (_drawing, copies) in zip(read.pages, group, strict=True):
                    document.pages.extend([page] * copies)
            tell(min(1.0, (start + AT_ONCE) / len(labels)))
        target = io.BytesIO()
        document.save(target, deterministic_id=True)
    return target.getvalue()


def _pages(drawings: Sequence[Drawing], identifier: bytes) -> bytes:
    w, h = number(drawings[0].width), number(drawings[0].height)
    style = (
        f"@page{{size:{w}mm {h}mm;margin:0}}body{{margin:0}}"
        "svg{display:block;break-after:page}svg:last-child{break-after:auto}"
    )
    html = f"<style>{style}</style>{''.join(map(svg_of, drawings))}"
    document = weasyprint.HTML(string=html, url_fetcher=NoFiles())
    data: bytes = document.write_pdf(pdf_identifier=identifier)
    return data


def look_at(pdf: bytes, dots_per_mm: float) -> Iterator[Page]:
    """Yield every page as it will be printed: rasterised, and its text."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            yield Page(_picture(page, dots_per_mm), _text(page), _size(page))
            page.close()
    finally:
        document.close()


def _picture(page: Any, dots_per_mm: float) -> Any:
    bitmap = page.render(scale=dots_per_mm * 25.4 / POINTS, grayscale=True)
    return bitmap.to_pil().convert("L")


def _text(page: Any) -> str:
    text_page = page.get_textpage()
    try:
        # Only what lies on the paper: a line that runs over the edge comes back shortened.
        text: str = text_page.get_text_bounded()
        return text
    finally:
        text_page.close()


def _size(page: Any) -> tuple[float, float]:
    width, height = page.get_size()
    return width * 25.4 / POINTS, height * 25.4 / POINTS
