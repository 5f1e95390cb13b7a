"""From a layout and the values of one label to shapes: the one drawing all outputs are made of.

Lines are broken here, by estimated widths that err to the wide side, so that screen, paper and
printer language break them alike. What does not fit is a refusal: nothing on a label is cut off.
Lengths are millimetres.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from traceability.labels.carrier import QUIET_MODULES, Carrier, Symbol, encode
from traceability.labels.layout import Element, Kind
from traceability.labels.symbols import SIGNS, Sign

POINT = 25.4 / 72
LEADING = 1.2
ASCENT = 0.93
"""Share of the line above the base line."""
BOLD = 1.12
STROKE = 0.2
TINY = 1e-6
"""What floating-point lengths may differ by and still be the same."""
MARK_GAP = 0.6
WORD_EM = 0.72
"""Width of a capital letter in a framed word, in units of its type size."""

EMS: Mapping[str, float] = {
    **dict.fromkeys("ijl'I", 0.30),
    **dict.fromkeys(" .,:;|!", 0.40),
    **dict.fromkeys("frt()[]/-", 0.42),
    **dict.fromkeys("csz?_*", 0.56),
    **dict.fromkeys("CGDHNOQU&", 0.79),
    **dict.fromkeys("w+=<>~", 0.84),
    **dict.fromkeys("MWm@%", 1.0),
}
"""Widths in units of the type size, after DejaVu Sans, the widest of the fonts of labels."""


@dataclass(frozen=True, slots=True)
class Run:
    """One line of text: where its base line begins, ends or has its middle."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle, filled or framed."""

    x: float
    y: float
    w: float
    h: float
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """A line through points."""

    points: Sequence[tuple[float, float]]
    closed: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle, framed."""

    x: float
    y: float
    r: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """A DataMatrix with its upper left module at a place; ``module`` is the width of one,
    ``room`` the side of the square it may take with its quiet zone.
    """

    x: float
    y: float
    module: float
    symbol: Symbol
    room: float


Shape = Run | Rect | Trace | Circle | Matrix


@dataclass(frozen=True, slots=True)
class Drawing:
    """A label ready for any output; ``plain`` is the UDI in plain text as it stands there."""

    width: float
    height: float
    shapes: Sequence[Shape]
    content: str
    plain: str

    @property
    def runs(self) -> list[Run]:
        """Return the lines of text."""
        return [shape for shape in self.shapes if isinstance(shape, Run)]

    @property
    def matrix(self) -> Matrix:
        """Return the symbol; a layout without one is never kept."""
        return next(shape for shape in self.shapes if isinstance(shape, Matrix))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a template says of every label: size, module width, carrier, elements."""

    width: Decimal
    height: Decimal
    module: Decimal
    carrier: Carrier
    elements: Sequence[Element]


class DoesNotFit(ValueError):
    """A value is too long for its place; ``element`` says which, ``text`` what."""

    def __init__(self, element: Element, text: str) -> None:
        self.element = element
        self.text = text
        super().__init__(f"{element.content}: {text}")


def draw(plan: Plan, values: Mapping[str, str], content: str) -> Drawing:
    """Draw one label; raises ``DoesNotFit`` or ``Unencodable`` where it cannot be made whole."""
    symbol = encode(plan.carrier, content)
    shapes: list[Shape] = []
    for element in plan.elements:
        shapes += _shapes(plan, element, values, symbol)
    return Drawing(
        float(plan.width), float(plan.height), shapes, content, values.get("udi", content)
    )


def check_texts(plan: Plan, values: Mapping[str, str]) -> None:
    """Raise ``DoesNotFit`` where a text has no room; draws no symbol, so it costs little."""
    for element in plan.elements:
        if element.kind in (Kind.FIELD, Kind.TEXT):
            list(_text(element, values))


def _shapes(
    plan: Plan, element: Element, values: Mapping[str, str], symbol: Symbol
) -> Iterator[Shape]:
    x, y, w, h = (float(v) for v in (element.x, element.y, element.w, element.h))
    if element.kind == Kind.DATAMATRIX:
        yield _matrix(plan, element, symbol)
    elif element.kind == Kind.SIGN:
        yield from sign_shapes(SIGNS[element.content], x, y, w, h)
    elif element.kind == Kind.LINE:
        yield Trace([(x, y), (x + w, y + h)])
    elif element.kind == Kind.BOX:
        yield Rect(x, y, w, h)
    else:
        yield from _text(element, values)


def _matrix(plan: Plan, element: Element, symbol: Symbol) -> Matrix:
    module = float(plan.module)
    room = float(min(element.w, element.h))
    if symbol.side * module > room + TINY:
        raise DoesNotFit(element, f"{symbol.width} × {symbol.height} × {plan.module} mm")
    quiet = QUIET_MODULES * module
    return Matrix(float(element.x) + quiet, float(element.y) + quiet, module, symbol, room)


def _text(element: Element, values: Mapping[str, str]) -> Iterator[Shape]:
    given = element.content if element.kind == Kind.TEXT else values.get(element.content, "")
    text = " ".join(given.split())
    if not text:
        return
    if not text.isprintable():
        raise DoesNotFit(element, ascii(text))
    x, y, w = float(element.x), float(element.y), float(element.w)
    size = float(element.size) * POINT
    if element.mark:
        taken = mark_width(SIGNS[element.mark], size * LEADING)
        yield from sign_shapes(SIGNS[element.mark], x, y, taken, size * LEADING)
        x, w = x + taken + MARK_GAP, w - taken - MARK_GAP
    lines = broken(text, w / size, bold=element.bold, udi=element.content == "udi")
    room = int((float(element.h) + TINY) / (size * LEADING))
    if lines is None or len(lines) > max(room, 1) or size > float(element.h) + TINY:
        raise DoesNotFit(element, text)
    anchor, at = {"left": ("start", x), "centre": ("middle", x + w / 2), "right": ("end", x + w)}[
        element.align
    ]
    for number, line in enumerate(lines):
        base = y + (number + ASCENT) * size * LEADING - (LEADING - 1) * size / 2
        yield Run(at, base, size, line, element.bold, anchor)


def width_of(text: str, *, bold: bool = False) -> float:
    """Return how wide a text is at most, in units of its type size."""
    return sum(map(_em, text)) * (BOLD if bold else 1.0)


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return EMS.get(character, 0.71 if character.isupper() else 0.64)


def broken(text: str, width: float, *, bold: bool = False, udi: bool = False) -> list[str] | None:
    """Return the lines of a text within a width, ``None`` where a piece is wider than the place.

    Words stay whole; Chinese may break anywhere, a UDI only before an application identifier and,
    where one is too long for a line, inside it.
    """
    lines: list[str] = []
    present = ""
    for piece in _pieces(text, udi=udi):
        if width_of((present + piece).rstrip(), bold=bold) <= width:
            present += piece
            continue
        if present:
            lines.append(present.rstrip())
        rest, present = _cut(piece.lstrip(), width, bold=bold) if udi else ([], piece.lstrip())
        lines += rest
        if width_of(present.rstrip(), bold=bold) > width:
            return None
    return [*lines, present.rstrip()] if present.strip() else lines


def _pieces(text: str, *, udi: bool) -> list[str]:
    if udi:
        return re.findall(r"\(\d{2,4}\)[^(]*|[^(]+|\(", text)
    return re.findall(r"[⺀-鿿豈-﫿＀-￯]|[^\s⺀-鿿豈-﫿＀-￯]+\s*|\s+", text)


def _cut(piece: str, width: float, *, bold: bool) -> tuple[list[str], str]:
    lines: list[str] = []
    while width_of(piece, bold=bold) > width:
        end = next(
            (n for n in range(len(piece), 0, -1) if width_of(piece[:n], bold=bold) <= width), 0
        )
        if end == 0:
            break
        lines.append(piece[:end])
        piece = piece[end:]
    return lines, piece


def mark_width(sign: Sign, height: float) -> float:
    """Return how wide a sign is drawn at a height."""
    if not sign.word:
        return height
    return (len(sign.word) * WORD_EM + 0.5) * height * 0.62


def sign_shapes(sign: Sign, x: float, y: float, w: float, h: float) -> Iterator[Shape]:
    """Draw a sign inside a place, as large as it fits."""
    if sign.word:
        height = min(h, h * w / mark_width(sign, h))
        width = mark_width(sign, height)
        size = height * 0.62
        yield Rect(x, y, width, height)
        yield Run(x + width / 2, y + height * 0.72, size, sign.word, bold=True, anchor="middle")
        return
    side = min(w, h)
    for stroke in sign.strokes:
        points = [(x + px * side, y + py * side) for px, py in stroke.points]
        yield Trace(points, stroke.closed, stroke.filled)
    for ring in sign.rings:
        yield Circle(x + ring.centre[0] * side, y + ring.centre[1] * side, ring.radius * side)
