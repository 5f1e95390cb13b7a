"""Labels in ZPL II, for thermal printers: the printer draws the symbol and Latin text itself.

The DataMatrix is ``^BX`` with quality 200 (ECC 200); FNC1 is written ``_1`` with the underscore as
escape character, so a GS1 symbol begins with it. What a printer's own font may not hold (Chinese,
drawings) is sent as a picture of exactly that place on the page that was read back: nothing depends
on which fonts somebody loaded into a printer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from traceability.identifiers.pi import FNC1
from traceability.labels.carrier import Carrier, Symbol, Unencodable, encode
from traceability.labels.drawing import (
    TINY,
    Circle,
    Drawing,
    Matrix,
    Rect,
    Run,
    Shape,
    Trace,
    width_of,
)
from traceability.labels.layout import NARROWEST_X

MEDIA_TYPE = "text/plain; charset=utf-8"
INCH = 25.4
DARK = 128
ESCAPE = "_"
COMMANDS = "^~_\\"
STROKE_DOTS = 2
TOLERANCE_MM = 0.005
"""Two dots of a 203 dpi printer are 0.2502 mm: the nominal resolution is rounded."""
_SYMBOL = re.compile(r"\^BXN,(?P<module>\d+),200,,,,_,1\^FD(?P<data>.*?)\^FS")
_ANCHORS = {"start": "L", "middle": "C", "end": "R"}


def zpl_of(drawing: Drawing, kind: Carrier, dpi: int, picture: Any, copies: int = 1) -> str:
    """Return a label in ZPL; ``picture`` is its page, rasterised at this resolution."""
    scale = dpi / INCH
    head = f"^XA^CI28^PW{round(drawing.width * scale)}^LL{round(drawing.height * scale)}^LH0,0"
    body = "".join(_field(shape, kind, drawing, scale, picture) for shape in drawing.shapes)
    return f"{head}{body}^PQ{copies}^XZ\n"


def module_dots(matrix: Matrix, dpi: int) -> int:
    """Return the width of a module in whole dots: what is nearest to the template and has room.

    Raises ``Unencodable`` where the printer is too coarse: narrower than 0.254 mm, a module is none
    of a GS1 DataMatrix.
    """
    room = math.floor(matrix.room * dpi / INCH / matrix.symbol.side + TINY)
    dots = min(max(1, round(matrix.module * dpi / INCH)), room)
    if dots * INCH / dpi < float(NARROWEST_X) - TOLERANCE_MM:
        raise Unencodable(_("This printer is too coarse for the symbol: give it more room."))
    return dots


def _field(shape: Shape, kind: Carrier, drawing: Drawing, scale: float, picture: Any) -> str:
    if isinstance(shape, Matrix):
        dots = module_dots(shape, round(scale * INCH))
        data = escaped(drawing.content, kind)
        return f"{_origin(shape.x, shape.y, scale)}^BXN,{dots},200,,,,_,1^FD{data}^FS"
    if isinstance(shape, Rect) and not shape.filled:
        size = f"{round(shape.w * scale)},{round(shape.h * scale)},{STROKE_DOTS}"
        return f"{_origin(shape.x, shape.y, scale)}^GB{size}^FS"
    if isinstance(shape, Run) and shape.text.isascii():
        return _text(shape, drawing, scale)
    return _picture(shape, drawing, scale, picture)


def _origin(x: float, y: float, scale: float) -> str:
    return f"^FO{round(x * scale)},{round(y * scale)}"


def _text(run: Run, drawing: Drawing, scale: float) -> str:
    height = round(run.size * scale)
    wide = width_of(run.text, bold=run.bold) * run.size
    left = {"start": run.x, "middle": run.x - wide / 2, "end": run.x - wide}[run.anchor]
    left = max(0.0, left)
    block = round(min(wide, drawing.width - left) * scale) + 1
    place = _origin(left, run.y - run.size * 0.8, scale)
    return f"{place}^A0N,{height}^FB{block},1,0,{_ANCHORS[run.anchor]}^FH^FD{_hex(run.text)}^FS"


def _hex(text: str) -> str:
    """Escape what ZPL or the field block would take for a command."""
    return "".join(f"_{ord(c):02X}" if c in COMMANDS else c for c in text)


def escaped(content: str, kind: Carrier) -> str:
    """Return the data of ``^BX``: FNC1 as ``_1``, an underscore doubled."""
    data = content.replace(ESCAPE, ESCAPE * 2).replace(FNC1, f"{ESCAPE}1")
    return f"{ESCAPE}1{data}" if kind is Carrier.GS1 else data


def unescaped(data: str, kind: Carrier) -> str:
    """Return the content a printer reads from the data of ``^BX``."""
    parts = data.split(ESCAPE * 2)
    content = ESCAPE.join(part.replace(f"{ESCAPE}1", FNC1) for part in parts)
    return content.removeprefix(FNC1) if kind is Carrier.GS1 else content


def symbol_in(label: str, kind: Carrier) -> Any:
    """Return the symbol of one ZPL label as a printer draws it, from the commands alone."""
    found = _SYMBOL.search(label)
    if found is None:
        return Image.new("L", (1, 1), 255)
    symbol = encode(kind, unescaped(found["data"], kind))
    return picture_of(symbol, int(found["module"]))


def picture_of(symbol: Symbol, dots: int) -> Any:
    """Draw a symbol with its quiet zone, ``dots`` for a module; at least two, to be readable."""
    side = max(dots, 2)
    image = Image.new("L", ((symbol.width + 4) * side, (symbol.height + 4) * side), 255)
    pen = ImageDraw.Draw(image)
    for y, row in enumerate(symbol.rows):
        for x, dark in enumerate(row):
            if dark:
                left, top = (x + 2) * side, (y + 2) * side
                pen.rectangle((left, top, left + side - 1, top + side - 1), fill=0)
    return image


def labels_in(text: str) -> list[str]:
    """Return the single labels of a file."""
    return re.findall(r"\^XA.*?\^XZ", text, flags=re.DOTALL)


def _picture(shape: Shape, drawing: Drawing, scale: float, picture: Any) -> str:
    """Return a piece of the page as ``^GFA``."""
    x, y, w, h = _extent(shape, drawing)
    box = (round(x * scale), round(y * scale), round((x + w) * scale), round((y + h) * scale))
    piece = picture.crop((*box[:2], max(box[2], box[0] + 1), max(box[3], box[1] + 1)))
    # In ^GF a set bit is a black dot.
    bits = piece.point(lambda value: 255 if value < DARK else 0).convert("1", dither=0)
    data = bits.tobytes().hex().upper()
    row = (piece.width + 7) // 8
    total = row * piece.height
    return f"^FO{box[0]},{box[1]}^GFA,{total},{total},{row},{data}^FS"


def _extent(shape: Shape, drawing: Drawing) -> tuple[float, float, float, float]:
    """Return the place of a shape with its stroke, kept on the label."""
    xs, ys = zip(*_corners(shape), strict=True)
    x, y = max(0.0, min(xs) - 0.2), max(0.0, min(ys) - 0.2)
    return (
        x,
        y,
        min(drawing.width, max(xs) + 0.2) - x,
        min(drawing.height, max(ys) + 0.2) - y,
    )


def _corners(shape: Shape) -> Iterator[tuple[float, float]]:
    if isinstance(shape, Run):
        wide = width_of(shape.text, bold=shape.bold) * shape.size
        left = {"start": 0.0, "middle": wide / 2, "end": wide}[shape.anchor]
        yield shape.x - left, shape.y - shape.size
        yield shape.x - left + wide, shape.y + shape.size * 0.3
    elif isinstance(shape, Circle):
        yield shape.x - shape.r, shape.y - shape.r
        yield shape.x + shape.r, shape.y + shape.r
    elif isinstance(shape, Trace):
        yield from shape.points
    elif isinstance(shape, Rect):
        yield shape.x, shape.y
        yield shape.x + shape.w, shape.y + shape.h
