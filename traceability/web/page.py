"""What the trace page shows, put together from one trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.ui import page as ui
from traceability.models import Lot
from traceability.origins import PG_INT_MAX, FacetRow
from traceability.trace import asked
from traceability.trace.answer import Section
from traceability.trace.graph import Drawing, draw
from traceability.trace.query import Filter, Trace
from traceability.trace.siblings import Siblings
from traceability.trace.story import Stage, story_of_trace
from traceability.trace.svg import picture
from traceability.trace.timeline import Period, Timeline, timeline
from traceability.trace.words import Summary, summary
from traceability.web.because import Because, because_of
from traceability.web.choices import exports_of, filters_of, keeping_of
from traceability.web.tables import (
    FacetTable,
    Level,
    balance_table,
    facet_table,
    levels_of,
    lots_table,
    through_table,
)

ROWS = 50
LARGE = 5000
"""From so many lots on, the story is told after the page and facts come when they are asked for."""

SHAPES = {
    "material": _("material"),
    "component": _("component"),
    "semi": _("semi-finished"),
    "product": _("product"),
    "unit": pgettext_lazy("one product with its own number", "unit"),
    "source": _("supplier"),
    "target": _("customer"),
}


@dataclass(frozen=True)
class Pages:
    """Which part of the table of lots is shown."""

    count: int
    next_url: str
    previous_url: str


@dataclass(frozen=True)
class TracePage:
    """Everything the template needs."""

    trace: Trace
    said: Summary
    story: Sequence[Stage]
    story_url: str
    drawing: dict[str, Any]
    picture: SafeString
    vague: bool
    levels: Sequence[Level]
    through: ui.Table | None
    table: ui.Table
    pages: Pages
    total: int
    filters: Sequence[ui.Filter]
    timeline: Timeline
    periods: Sequence[tuple[Period, str]]
    all_time: str
    exports: Sequence[ui.Link]
    keeping: Sequence[ui.Action]
    facets: Sequence[FacetTable]
    facets_url: str
    balances: ui.Table | None
    because: Because | None
    legend: Sequence[tuple[str, Any]]


def build(trace: Trace, query: QueryDict) -> TracePage:
    """Return the page of a trace."""
    where = asked.read_filter(query, trace)
    offset = asked.whole(query, "after", most=PG_INT_MAX) or 0
    total = sum(g.size for g in trace.groups)
    later = _later(trace, query)
    sections = facts_of(trace, query)
    drawing, said = draw(trace, sections=sections), summary(trace)
    times = timeline(trace, asked.text(query, "when"))
    return TracePage(
        trace=trace,
        said=said,
        story=[] if later else story_of_trace(trace),
        story_url=reverse("trace-story") + asked.address(query) if later else "",
        drawing=drawing.as_json(),
        picture=picture(drawing.as_json(), title=said.question),
        vague=any(a["precision"] == "lot" and not a["member"] for a in drawing.arrows),
        levels=levels_of(trace, query),
        through=through_table(trace, query) if isinstance(trace, Siblings) else None,
        table=lots_table(trace, trace.nodes(where=where, limit=ROWS, after=offset), query),
        pages=_pages(query, offset, trace.count(where) if where != Filter() else total),
        total=total,
        filters=filters_of(trace, query),
        timeline=times,
        periods=[(p, asked.address(query, when=p.name) + "#time") for p in times.periods],
        all_time=asked.address(query, when=None) + "#time",
        exports=exports_of(query),
        keeping=keeping_of(trace, query),
        facets=[facet_table(s.code, s.title, s.rows, query) for s in sections if s.code],
        facets_url=asked.address(query, facets=1) if later else "",
        balances=balance_table(trace),
        because=because_of(trace, query),
        legend=_legend(trace, drawing),
    )


def facts_of(trace: Trace, query: QueryDict) -> list[Section]:
    """Return the facts beside the lots; of a very large answer only when they are asked for.

    What makes siblings stands on the left of their drawing, as suppliers do of other drawings.
    """
    sections = [] if _later(trace, query) else list(trace.facets())
    if not isinstance(trace, Siblings):
        return sections
    starts = tuple(trace.start.lot_ids)
    rows = [
        FacetRow(t.record.label, t.record.url, t.kind, (*starts, *t.lots))
        for t in trace.through
        if t.lots
    ]
    return [Section("", _("Shared exposure"), "source", rows), *sections]


def _later(trace: Trace, query: QueryDict) -> bool:
    """Tell whether the answer is so large that facts and story do not come with its page."""
    return not query.get("facets") and sum(g.size for g in trace.groups) > LARGE


def _pages(query: QueryDict, offset: int, count: int) -> Pages:
    more, less = offset + ROWS, max(0, offset - ROWS)
    return Pages(
        count,
        asked.address(query, after=more) + "#lots" if more < count else "",
        asked.address(query, after=less or None) + "#lots" if offset else "",
    )


def _legend(trace: Trace, drawing: Drawing) -> list[tuple[str, Any]]:
    present = {"unit" if g.kind == Lot.Kind.SERIAL else g.item_kind for g in trace.groups}
    present |= {node["side"] for node in drawing.nodes if node["what"] == "side"}
    words = {**SHAPES, "source": _("shared exposure")} if isinstance(trace, Siblings) else SHAPES
    return [(shape, word) for shape, word in words.items() if shape in present]
