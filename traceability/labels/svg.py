"""A drawing as SVG: deterministic, so the same label is the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from traceability.labels.carrier import Symbol
from traceability.labels.drawing import STROKE, Circle, Drawing, Matrix, Rect, Run, Shape, Trace

FONTS = "DejaVu Sans, WenQuanYi Micro Hei, Noto Sans CJK SC, sans-serif"
MEDIA_TYPE = "image/svg+xml"


def svg_of(drawing: Drawing, *, specimen: bool = False) -> str:
    """Return a label as an SVG document in millimetres; a specimen says that it is one."""
    w, h = number(drawing.width), number(drawing.height)
    marked = _specimen(drawing) if specimen else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" '
        f'viewBox="0 0 {w} {h}"><rect width="{w}" height="{h}" fill="#fff"/>'
        f"{body_of(drawing)}{marked}</svg>"
    )


def _specimen(drawing: Drawing) -> str:
    """Return a word across the label: a picture on a page must not pass for a label."""
    size = min(drawing.width / 7, drawing.height / 3)
    x, y = drawing.width / 2, drawing.height / 2
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" '
        f'transform="rotate(-20 {number(x)} {number(y)})" text-anchor="middle" '
        f'dominant-baseline="middle" font-family={quoteattr(FONTS)} font-weight="bold" '
        f'fill="#777" fill-opacity="0.35">SPECIMEN</text>'
    )


def body_of(drawing: Drawing) -> str:
    """Return the shapes alone."""
    return "".join(_SHAPES[type(shape)](shape) for shape in drawing.shapes)


def number(value: float) -> str:
    """Return a length with at most a ten-thousandth of a millimetre, without trailing zeros."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _run(run: Run) -> str:
    weight = ' font-weight="bold"' if run.bold else ""
    anchor = "" if run.anchor == "start" else f' text-anchor="{run.anchor}"'
    return (
        f'<text x="{number(run.x)}" y="{number(run.y)}" font-size="{number(run.size)}" '
        f"font-family={quoteattr(FONTS)}{weight}{anchor}>{escape(run.text)}</text>"
    )


def _rect(rect: Rect) -> str:
    place = (
        f'x="{number(rect.x)}" y="{number(rect.y)}" '
        f'width="{number(rect.w)}" height="{number(rect.h)}"'
    )
    return f"<rect {place}{_ink(filled=rect.filled)}/>"


def _trace(trace: Trace) -> str:
    first, *rest = trace.points
    path = f"M{number(first[0])} {number(first[1])}"
    path += "".join(f"L{number(x)} {number(y)}" for x, y in rest)
    return f'<path d="{path}{"z" if trace.closed else ""}"{_ink(filled=trace.filled)}/>'


def _circle(circle: Circle) -> str:
    place = f'cx="{number(circle.x)}" cy="{number(circle.y)}" r="{number(circle.r)}"'
    return f"<circle {place}{_ink(filled=False)}/>"


def _matrix(matrix: Matrix) -> str:
    place = f"translate({number(matrix.x)} {number(matrix.y)}) scale({number(matrix.module)})"
    return f'<path transform="{place}" d="{path_of(matrix.symbol)}"/>'


def path_of(symbol: Symbol) -> str:
    """Return the dark modules as one path: rectangles, one per run of neighbours in a row."""
    parts: list[str] = []
    for y, row in enumerate(symbol.rows):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                parts.append(f"M{start} {y}h{x - start}v1H{start}z")
            x += 1
    return "".join(parts)


def _ink(*, filled: bool) -> str:
    if filled:
        return ' fill="#000"'
    return f' fill="none" stroke="#000" stroke-width="{number(STROKE)}"'


_SHAPES: Mapping[type[Shape], Callable[[Any], str]] = {
    Run: _run,
    Rect: _rect,
    Trace: _trace,
    Circle: _circle,
    Matrix: _matrix,
}
