"""The drawing as a static picture: for print, for PDF, and where no script runs.

Laid out as the page's script lays it out: from left to right, materials, product, customers; every
arrow points right; a few sweeps put each node beside the middle of its neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

COLUMN, ROW = 190, 44
HALF = 11
MARGIN = 40
MOST_RANKS = 60
SWEEPS = 6
LABEL = 24

Place = tuple[float, float]
Data = Mapping[str, Any]

_SHAPES: Mapping[str, Sequence[tuple[float, float]]] = {
    "component": ((-1, 0), (-0.5, -1), (0.5, -1), (1, 0), (0.5, 1), (-0.5, 1)),
    "semi": ((-1, 0), (0, -1), (1, 0), (0, 1)),
    "product": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "source": ((-1, -1), (0.4, -1), (1, 0), (0.4, 1), (-1, 1)),
    "target": ((-0.4, -1), (1, -1), (0.4, 1), (-1, 1)),
}
"""Corners in half widths; a material is a circle, a unit a rounded square."""

STYLE = """
    text { font: 9px sans-serif; fill: #1c2733; }
    .g-link { stroke: #8896a5; fill: none; } .g-tip { fill: #8896a5; }
    .g-node { stroke: #5b6b7b; fill: #f2f5f8; stroke-width: 1.2; }
    .tone-good { fill: #dff3e4; stroke: #1f7a3d; } .tone-waiting { fill: #fdf0d2; stroke: #9a6a00; }
    .tone-bad { fill: #fbdedd; stroke: #b3261e; } .tone-recall { fill: #f9dcf3; stroke: #9c1f7c; }
    .tone-info { fill: #dfecfb; stroke: #1e5fa8; } .tone-draft { fill: #eceff2; stroke: #66727e; }
    .is-start { stroke-width: 3; }
"""
"""For a picture outside the page, where no style sheet reaches; the colours mean what they mean
there.
"""


def picture(drawing: Data, *, title: str, styled: bool = False) -> SafeString:
    """Return the drawing as SVG; ``styled`` carries its colours along, for files."""
    nodes: Sequence[Data] = drawing["nodes"]
    known = {node["id"] for node in nodes}
    arrows = [a for a in drawing["arrows"] if a["source"] in known and a["target"] in known]
    places = _places(nodes, arrows)
    width, height = _frame(places.values())
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="trace-svg" viewBox="0 0 {} {}"'
        ' width="{}" height="{}" role="img"><title>{}</title>{}<g>{}</g><g>{}</g></svg>',
        width,
        height,
        width,
        height,
        title,
        mark_safe(f"<style>{STYLE}</style>") if styled else "",  # noqa: S308 - a constant
        format_html_join("", "{}", ((_arrow(arrow, places),) for arrow in arrows)),
        format_html_join("", "{}", ((_node(node, places[node["id"]]),) for node in nodes)),
    )


def _frame(places: Iterable[Place]) -> tuple[int, int]:
    xs, ys = zip(*places, strict=True) if (places := list(places)) else ((0,), (0,))
    return int(max(xs)) + COLUMN, int(max(ys)) + 2 * MARGIN


def _places(nodes: Sequence[Data], arrows: Sequence[Data]) -> dict[str, Place]:
    ranks = _ranks(nodes, arrows)
    columns: dict[int, list[str]] = defaultdict(list)
    for node in nodes:
        columns[ranks[node["id"]]].append(node["id"])
    order = sorted(columns)
    rows = _rows(columns, order, arrows)
    least = min(rows.values(), default=0)
    return {
        pk: (MARGIN + order.index(rank) * COLUMN, MARGIN + (rows[pk] - least) * ROW)
        for rank, ids in columns.items()
        for pk in ids
    }


def _ranks(nodes: Sequence[Data], arrows: Sequence[Data]) -> dict[str, int]:
    """Put every node as far right as its longest way; sources right before what they go into."""
    ranks = {node["id"]: 0 for node in nodes}
    moved, rounds = True, 0
    while moved and rounds < min(len(nodes), MOST_RANKS):
        moved, rounds = False, rounds + 1
        for arrow in arrows:
            source, target = arrow["source"], arrow["target"]
            if source != target and ranks[source] < MOST_RANKS and ranks[target] <= ranks[source]:
                ranks[target], moved = ranks[source] + 1, True
    entered = {a["target"] for a in arrows if a["source"] != a["target"]}
    onward: dict[str, list[int]] = defaultdict(list)
    for arrow in arrows:
        if arrow["source"] != arrow["target"]:
            onward[arrow["source"]].append(ranks[arrow["target"]])
    for node in nodes:
        if node["id"] not in entered and node["id"] in onward:
            ranks[node["id"]] = max(0, min(onward[node["id"]]) - 1)
    return ranks


def _rows(
    columns: dict[int, list[str]], order: Sequence[int], arrows: Sequence[Data]
) -> dict[str, float]:
    left: dict[str, list[str]] = defaultdict(list)
    right: dict[str, list[str]] = defaultdict(list)
    for arrow in arrows:
        right[arrow["source"]].append(arrow["target"])
        left[arrow["target"]].append(arrow["source"])
    at: dict[str, float] = {}
    for ids in columns.values():
        _number(ids, at)
    for sweep in range(SWEEPS):
        near = right if sweep % 2 else left
        for rank in reversed(order) if sweep % 2 else order:
            columns[rank].sort(key=_middle(near, at))
            _number(columns[rank], at)
    return at


def _number(ids: Sequence[str], at: dict[str, float]) -> None:
    at.update({pk: place - len(ids) / 2 for place, pk in enumerate(ids)})


def _middle(near: Mapping[str, Sequence[str]], at: Mapping[str, float]) -> Callable[[str], float]:
    def weight(pk: str) -> float:
        others = near.get(pk)
        return sum(at[other] for other in others) / len(others) if others else at[pk]

    return weight


def _arrow(arrow: Data, places: Mapping[str, Place]) -> SafeString:
    (x1, y1), (x2, y2) = places[arrow["source"]], places[arrow["target"]]
    x1, x2 = x1 + HALF, x2 - HALF - 4
    bend = max(30.0, abs(x2 - x1) / 2)
    dashed = "" if arrow["precision"] == "unit" else ' stroke-dasharray="4 3"'
    return format_html(
        '<path class="g-link" d="M{} {}C{} {} {} {} {} {}" stroke-width="{}"{}/>'
        '<path class="g-tip" d="M{} {}l-5 -3v6z"/>',
        *(round(n, 1) for n in (x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2)),
        round(min(4.0, 1 + len(str(arrow["count"])) / 2), 1),
        mark_safe(dashed),  # noqa: S308 - a constant
        *(round(n, 1) for n in (x2 + 4, y2)),
    )


def _node(node: Data, place: Place) -> SafeString:
    x, y = place
    count = f" ({node['count']})" if node["count"] > 1 else ""
    label = f"{node['label']}"
    short = label if len(label) <= LABEL else label[: LABEL - 1] + "…"
    body = format_html(
        '{}<text x="{}" y="{}" text-anchor="middle">{}{}</text>',
        _outline(node, x, y),
        x,
        y + HALF + 12,
        short,
        count,
    )
    told = " · ".join(part for part in (label, node["detail"], node["state"]) if part)
    titled = format_html("<title>{}</title>{}", told, body)
    if not node["url"]:
        return format_html("<g>{}</g>", titled)
    return format_html('<a href="{}">{}</a>', node["url"], titled)


def _outline(node: Data, x: float, y: float) -> SafeString:
    classes = f"g-node tone-{node['tone']}" + (" is-start" if node["start"] else "")
    size = HALF if node["what"] in {"lot", "side"} else HALF + 3
    corners = _SHAPES.get(node["shape"])
    if corners:
        points = " ".join(f"{x + dx * size:g},{y + dy * size:g}" for dx, dy in corners)
        return format_html('<polygon class="{}" points="{}"/>', classes, points)
    if node["shape"] == "material":
        return format_html('<circle class="{}" cx="{}" cy="{}" r="{}"/>', classes, x, y, size)
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="4"/>',
        classes,
        x - size,
        y - size,
        2 * size,
        2 * size,
    )
