"""The layout of a label, as data: what stands where, in millimetres, checked before it is kept.

Quality staff arrange a label without a programmer; what they write is a list of elements. A layout
is refused with every fault at once, each with its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from erp.core.errors import FieldFault, Text
from traceability.labels.symbols import SIGNS

SMALLEST_PT, LARGEST_PT = Decimal(4), Decimal(72)
NARROWEST_X, WIDEST_X = Decimal("0.254"), Decimal("0.990")
"""Width of one module of a GS1 DataMatrix in millimetres."""
MOST_ELEMENTS = 60


class Kind(StrEnum):
    """What an element draws."""

    DATAMATRIX = "datamatrix"
    FIELD = "field"
    TEXT = "text"
    SIGN = "sign"
    LINE = "line"
    BOX = "box"


KINDS: tuple[tuple[str, Text], ...] = (
    (Kind.DATAMATRIX, gettext_lazy("DataMatrix symbol")),
    (Kind.FIELD, gettext_lazy("value of the lot or unit")),
    (Kind.TEXT, gettext_lazy("fixed text")),
    (Kind.SIGN, gettext_lazy("sign")),
    (Kind.LINE, gettext_lazy("line")),
    (Kind.BOX, pgettext_lazy("rectangle on a label", "box")),
)

ALIGNMENTS: tuple[tuple[str, Text], ...] = (
    ("left", gettext_lazy("left")),
    ("centre", gettext_lazy("centred")),
    ("right", gettext_lazy("right")),
)

FIELDS: Mapping[str, Text] = {
    "udi": gettext_lazy("UDI in plain text"),
    "di": gettext_lazy("UDI-DI"),
    "item_name": gettext_lazy("name of the item"),
    "item_code": gettext_lazy("item number"),
    "catalogue": gettext_lazy("version or model"),
    "revision": gettext_lazy("revision"),
    "lot": gettext_lazy("lot number"),
    "serial": gettext_lazy("serial number"),
    "manufactured": gettext_lazy("date of manufacture"),
    "expires": gettext_lazy("use by"),
    "storage": gettext_lazy("storage conditions"),
    "manufacturer": gettext_lazy("manufacturer"),
    "contents": gettext_lazy("number contained"),
}
"""Values a label can show, by the name layouts use."""


STARTER: Sequence[Mapping[str, Any]] = (
    {"kind": "datamatrix", "x": "2", "y": "2", "w": "18", "h": "18"},
    {"kind": "field", "content": "item_name", "x": "22", "y": "2", "w": "36", "h": "8",
     "size": "8", "bold": True},
    {"kind": "field", "content": "udi", "x": "22", "y": "10", "w": "36", "h": "12", "size": "6"},
    {"kind": "field", "content": "lot", "x": "2", "y": "23", "w": "30", "h": "4", "size": "7",
     "mark": "lot"},
    {"kind": "field", "content": "serial", "x": "2", "y": "27", "w": "30", "h": "4", "size": "7",
     "mark": "serial"},
    {"kind": "field", "content": "expires", "x": "2", "y": "31", "w": "30", "h": "4", "size": "7",
     "mark": "expires"},
    {"kind": "field", "content": "manufacturer", "x": "2", "y": "35", "w": "56", "h": "4",
     "size": "5", "mark": "manufacturer"},
)  # fmt: skip
"""What a new template begins with: a label of 60 × 40 mm for a unit."""


@dataclass(frozen=True, slots=True)
class Element:
    """One thing on a label: kind, what it shows, place and size in millimetres, type in points.

    ``mark`` is a sign before a value: where the value is empty neither is drawn.
    """

    kind: str
    content: str
    x: Decimal
    y: Decimal
    w: Decimal
    h: Decimal
    size: Decimal = Decimal(7)
    bold: bool = False
    align: str = "left"
    mark: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the element as it is kept: decimals as text."""
        return {k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(self).items()}


def read(stored: Sequence[Mapping[str, Any]]) -> list[Element]:
    """Return the elements of a stored or given layout; its shape is already checked."""
    return [_element(row) for row in stored]


def _element(row: Mapping[str, Any]) -> Element:
    def number(name: str, default: str) -> Decimal:
        given = row.get(name)
        return Decimal(default if given in (None, "") else str(given))

    return Element(
        kind=str(row["kind"]),
        content=str(row.get("content") or ""),
        x=number("x", "0"),
        y=number("y", "0"),
        w=number("w", "0"),
        h=number("h", "0"),
        size=number("size", "7"),
        bold=bool(row.get("bold", False)),
        align=str(row.get("align") or "left"),
        mark=str(row.get("mark") or ""),
    )


def faults(elements: Sequence[Element], width: Decimal, height: Decimal) -> list[FieldFault]:
    """Return everything wrong with a layout on a label of this size."""
    found = list(_whole(elements))
    for row, element in enumerate(elements, start=1):
        found += _of_element(element, row, width, height)
    return found


def _whole(elements: Sequence[Element]) -> Iterator[FieldFault]:
    symbols = sum(e.kind == Kind.DATAMATRIX for e in elements)
    if symbols != 1:
        yield FieldFault("elements", _("A label has exactly one DataMatrix symbol."))
    if not any(e.kind == Kind.FIELD and e.content == "udi" for e in elements):
        reason = _("A label shows the UDI in plain text beside the symbol: add the value “udi”.")
        yield FieldFault("elements", reason)
    if len(elements) > MOST_ELEMENTS:
        reason = _("A label has at most %(most)s elements.") % {"most": MOST_ELEMENTS}
        yield FieldFault("elements", reason)


def _of_element(
    element: Element, row: int, width: Decimal, height: Decimal
) -> Iterator[FieldFault]:
    reach = (element.x + element.w, element.y + element.h)
    if min(element.x, element.y, element.w, element.h) < 0 or reach[0] > width or reach[1] > height:
        reason = _("It lies outside the label of %(width)s × %(height)s mm.")
        said = reason % {"width": width, "height": height}
        yield FieldFault("elements.x", said, row)
    if element.kind != Kind.LINE and not (element.w and element.h):
        yield FieldFault("elements.w", _("Width and height must be above zero."), row)
    if not SMALLEST_PT <= element.size <= LARGEST_PT:
        yield FieldFault("elements.size", _("Type is 4 to 72 points."), row)
    yield from _names(element, row)


def _names(element: Element, row: int) -> Iterator[FieldFault]:
    known: Mapping[str, Any] | None = {Kind.FIELD: FIELDS, Kind.SIGN: SIGNS}.get(Kind(element.kind))
    if known is not None and element.content not in known:
        reason = _("“%(name)s” is not known here. Known are: %(known)s.")
        said = reason % {"name": element.content, "known": ", ".join(known)}
        yield FieldFault("elements.content", said, row)
    if element.kind == Kind.TEXT and not element.content.strip():
        yield FieldFault("elements.content", _("Write the text."), row)
    if element.mark and element.mark not in SIGNS:
        reason = _("“%(name)s” is not known here. Known are: %(known)s.")
        said = reason % {"name": element.mark, "known": ", ".join(SIGNS)}
        yield FieldFault("elements.mark", said, row)
