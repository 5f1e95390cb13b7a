"""Signs on labels: words in a frame, and simple drawings of our own.

The ideas are those medical-device labels commonly carry; the drawings are not copies of any
standard's artwork. Who must show a standard's sign exactly compares with a licensed copy of it when
a template is approved. Coordinates run from 0 to 1, left to right and top to bottom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points; ``closed`` joins the ends, ``filled`` fills what it encloses."""

    points: Sequence[Point]
    closed: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle."""

    centre: Point
    radius: float


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign: what it means, and either a word in a frame or a drawing."""

    meaning: Text
    word: str = ""
    strokes: Sequence[Stroke] = ()
    rings: Sequence[Ring] = ()


_FACTORY: Sequence[Point] = (
    (0.08, 0.92), (0.08, 0.08), (0.24, 0.08), (0.28, 0.55), (0.46, 0.38), (0.46, 0.55),
    (0.69, 0.38), (0.69, 0.55), (0.92, 0.38), (0.92, 0.92),
)  # fmt: skip
_TWO: Sequence[Point] = (
    (0.38, 0.36), (0.44, 0.28), (0.56, 0.28), (0.62, 0.36), (0.60, 0.47), (0.38, 0.72),
    (0.63, 0.72),
)  # fmt: skip
_CANOPY: Sequence[Point] = (
    (0.1, 0.52), (0.15, 0.38), (0.3, 0.26), (0.5, 0.22), (0.7, 0.26), (0.85, 0.38), (0.9, 0.52),
)  # fmt: skip

SIGNS: Mapping[str, Sign] = {
    "lot": Sign(_("lot number"), word="LOT"),
    "serial": Sign(_("serial number"), word="SN"),
    "reference": Sign(_("catalogue number"), word="REF"),
    "device": Sign(_("medical device"), word="MD"),
    "udi": Sign(_("unique device identifier"), word="UDI"),
    "sterile": Sign(_("sterile"), word="STERILE"),
    "sterile_radiation": Sign(_("sterilised by irradiation"), word="STERILE R"),
    "sterile_eo": Sign(_("sterilised by ethylene oxide"), word="STERILE EO"),
    "manufacturer": Sign(_("manufacturer"), strokes=[Stroke(_FACTORY, True, True)]),  # noqa: FBT003
    "manufactured": Sign(_("date of manufacture"), strokes=[Stroke(_FACTORY, True)]),  # noqa: FBT003
    "expires": Sign(
        _("use by"),
        strokes=[
            Stroke(((0.2, 0.06), (0.8, 0.06))),
            Stroke(((0.2, 0.94), (0.8, 0.94))),
            Stroke(((0.26, 0.06), (0.74, 0.94), (0.26, 0.94), (0.74, 0.06)), closed=True),
            Stroke(((0.35, 0.9), (0.5, 0.62), (0.65, 0.9)), closed=True, filled=True),
        ],
    ),
    "single_use": Sign(
        _("do not use again"),
        strokes=[Stroke(_TWO), Stroke(((0.2, 0.2), (0.8, 0.8)))],
        rings=[Ring((0.5, 0.5), 0.43)],
    ),
    "instructions": Sign(
        _("consult instructions for use"),
        strokes=[
            Stroke(((0.5, 0.3), (0.4, 0.2), (0.06, 0.2), (0.06, 0.8), (0.4, 0.8), (0.5, 0.9))),
            Stroke(((0.5, 0.3), (0.6, 0.2), (0.94, 0.2), (0.94, 0.8), (0.6, 0.8), (0.5, 0.9))),
            Stroke(((0.5, 0.3), (0.5, 0.9))),
            Stroke(((0.72, 0.44), (0.72, 0.68))),
            Stroke(((0.72, 0.32), (0.72, 0.36))),
        ],
    ),
    "dry": Sign(
        _("keep dry"),
        strokes=[
            Stroke(_CANOPY, closed=True),
            Stroke(((0.5, 0.52), (0.5, 0.86), (0.58, 0.92), (0.66, 0.86))),
            Stroke(((0.3, 0.04), (0.27, 0.14))),
            Stroke(((0.5, 0.02), (0.47, 0.12))),
            Stroke(((0.7, 0.04), (0.67, 0.14))),
        ],
    ),
    "temperature": Sign(
        _("temperature limits"),
        strokes=[
            Stroke(((0.42, 0.66), (0.42, 0.12), (0.58, 0.12), (0.58, 0.66))),
            Stroke(((0.5, 0.7), (0.5, 0.3))),
            Stroke(((0.14, 0.24), (0.36, 0.24))),
            Stroke(((0.64, 0.52), (0.86, 0.52))),
        ],
        rings=[Ring((0.5, 0.79), 0.15)],
    ),
    "damaged": Sign(
        _("do not use if the package is damaged"),
        strokes=[
            Stroke(((0.28, 0.32), (0.72, 0.32), (0.72, 0.72), (0.28, 0.72)), closed=True),
            Stroke(((0.5, 0.32), (0.45, 0.45), (0.56, 0.55), (0.48, 0.72))),
            Stroke(((0.2, 0.2), (0.8, 0.8))),
        ],
        rings=[Ring((0.5, 0.5), 0.43)],
    ),
}
"""By name, as layouts call them."""
