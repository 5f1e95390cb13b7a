"""What the trace page shows, put together from one trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from erp.core.quantities import plain
from erp.masterdata.models import Item
from erp.ui import page as ui
from traceability.models import Lot
from traceability.origins import MARKS, PG_INT_MAX, FacetRow
from traceability.states import LOT, LotState
from traceability.trace import asked, why
from traceability.trace.answer import Direction, Group, Link, Node
from traceability.trace.balance import balance, ordered_figures
from traceability.trace.graph import draw
from traceability.trace.query import Filter, Trace
from traceability.trace.words import Summary, summary
from traceability.words import step_words

ROWS = 50
FACET_ROWS = 15
FACET_ROWS_ALL = 1000
FACETS_UP_TO = 5000
BALANCED = 20

SHAPES = {
    "material": gettext_lazy("material"),
    "component": gettext_lazy("component"),
    "semi": gettext_lazy("semi-finished"),
    "product": gettext_lazy("product"),
    "unit": gettext_lazy("unit"),
    "source": gettext_lazy("supplier"),
    "target": gettext_lazy("customer"),
}


@dataclass(frozen=True)
class Level:
    """One step from the start, as the list that stands in for the drawing."""

    title: str
    items: Sequence[tuple[str, str, str, int]]
    """(item number, name, address that filters the table, count)."""


@dataclass(frozen=True)
class FacetTable:
    """A section of facts with how many there really are."""

    code: str
    title: Any
    count: int
    table: ui.Table


@dataclass(frozen=True)
class Because:
    """The answer about one lot: its path, or why it is not in."""

    lot: ui.Link
    steps: Sequence[tuple[ui.Link, str]]
    """(lot, what happened on the way to the next one)."""
    reasons: Sequence[tuple[Any, Sequence[ui.Link]]]


@dataclass(frozen=True)
class TracePage:
    """Everything the template needs."""

    trace: Trace
    said: Summary
    starts: Sequence[ui.Link]
    drawing: dict[str, Any]
    levels: Sequence[Level]
    table: ui.Table
    count: int
    total: int
    filters: Sequence[ui.Filter]
    next_url: str
    previous_url: str
    exports: Sequence[ui.Link]
    facets: Sequence[FacetTable]
    facets_url: str
    balances: ui.Table | None
    because: Because | None
    legend: Sequence[tuple[str, Any]]


def build(trace: Trace, query: QueryDict) -> TracePage:
    """Return the page of a trace."""
    where = asked.read_filter(query, trace)
    offset = asked.whole(query, "after", most=PG_INT_MAX) or 0
    shown = trace.nodes(where=where, limit=ROWS, after=offset)
    total = sum(g.size for g in trace.groups)
    count = trace.count(where) if where != Filter() else total
    sections = trace.facets() if total <= FACETS_UP_TO or query.get("facets") else []
    here = query.copy()
    here.pop("why", None)
    return TracePage(
        trace=trace,
        said=summary(trace),
        starts=[ui.Link(r.label, r.url, mono=True) for r in trace.start.records],
        drawing=draw(trace, sections=sections).as_json(),
        levels=_levels(trace, query),
        table=_table(shown, query),
        count=count,
        total=total,
        filters=_filters(trace, query),
        next_url=asked.address(query, after=offset + ROWS) + "#lots"
        if offset + ROWS < count
        else "",
        previous_url=asked.address(query, after=offset - ROWS or None) + "#lots" if offset else "",
        exports=_exports(query),
        facets=[_facet(s.code, s.title, s.rows, query) for s in sections],
        facets_url="" if sections or total <= FACETS_UP_TO else asked.address(query, facets=1),
        balances=_balances(trace),
        because=_because(trace, query),
        legend=_legend(trace, bool([s for s in sections if s.side])),
    )


def lot_link(node: Node) -> ui.Link:
    """Return the link to a lot of the answer."""
    return ui.Link(node.number, f"/lots/{node.lot_id}/", mono=True)


def state_pills(node: Node) -> Sequence[ui.Pill]:
    """Return what quality decided of the lot, and what lies on it."""
    state = LotState(node.state)
    marks = [ui.Pill(MARKS[code].label, MARKS[code].tone) for code in node.marks]
    return [ui.Pill(LOT.labels[state], LOT.tones[state]), *marks]


def _table(nodes: Sequence[Node], query: QueryDict) -> ui.Table:
    columns = [
        ui.Column("state", _("State"), "state"),
        ui.Column("number", _("Lot or unit"), "mono"),
        ui.Column("item", _("Item"), "mono"),
        ui.Column("name", _("Name")),
        ui.Column("kind", _("Kind")),
        ui.Column("level", _("Steps"), "number"),
        ui.Column("site", _("Site")),
        ui.Column("why", _("Why")),
    ]
    rows = [
        ui.Row(
            [
                state_pills(node),
                lot_link(node),
                ui.Link(node.item, f"/items/{node.item_id}/", mono=True),
                node.name,
                kind_words(node),
                ui.Number(step_count(node.level)),
                node.site,
                ui.Link(_("Show why"), asked.address(query, why=node.lot_id) + "#why")
                if node.level
                else _("start"),
            ]
        )
        for node in nodes
    ]
    return ui.Table(columns, rows, empty=_("No lot or unit of this trace fits the filters."))


def kind_words(node: Node) -> str:
    """Return what a lot is: a unit, or a lot of some kind of item."""
    if not node.whole:
        return _("lot, in part")
    unit = node.kind == Lot.Kind.SERIAL
    return str(Lot.Kind(node.kind).label if unit else Item.Kind(node.item_kind).label)


def step_count(level: int) -> str:
    """Return the distance with its direction: below zero went into the start, above came of it."""
    return f"{level:+d}".replace("-", "\N{MINUS SIGN}") if level else "0"


def _levels(trace: Trace, query: QueryDict) -> list[Level]:
    by_level: dict[int, dict[int, list[Group]]] = {}
    for group in trace.groups:
        by_level.setdefault(group.level, {}).setdefault(group.item_id, []).append(group)
    return [
        Level(
            _level_words(level),
            [
                (
                    groups[0].item,
                    groups[0].name,
                    asked.address(query, level=level, item=item, after=None) + "#lots",
                    sum(g.size for g in groups),
                )
                for item, groups in items.items()
            ],
        )
        for level, items in sorted(by_level.items())
    ]


def _level_words(level: int) -> str:
    if not level:
        return _("Starting point")
    steps = abs(level)
    if level < 0:
        said = ngettext("%(n)s step back", "%(n)s steps back", steps)
    else:
        said = ngettext("%(n)s step on", "%(n)s steps on", steps)
    return said % {"n": steps}


def _filters(trace: Trace, query: QueryDict) -> list[ui.Filter]:
    items = {str(g.item_id): f"{g.item} {g.name}" for g in trace.groups}
    levels = {str(g.level): _level_words(g.level) for g in trace.groups}
    states = {g.state: str(LOT.labels[LotState(g.state)]) for g in trace.groups}
    kinds = {g.kind: str(capfirst(Lot.Kind(g.kind).label)) for g in trace.groups}
    named = (
        ("kind", _("Kind"), kinds),
        ("item", _("Item"), items),
        ("state", _("State"), states),
        ("level", _("Steps"), levels),
    )
    return [_filter(query, name, label, choices) for name, label, choices in named]


def _filter(query: QueryDict, name: str, label: str, choices: Mapping[str, str]) -> ui.Filter:
    present = query.get(name, "")
    options = [
        ui.FilterOption(
            text,
            asked.address(query, **{name: None if value == present else value, "after": None})
            + "#lots",
            active=value == present,
            value=value,
        )
        for value, text in choices.items()
    ]
    return ui.Filter(label, name, options)


def _exports(query: QueryDict) -> list[ui.Link]:
    plain_query = {"why": None, "check": None, "after": None, "facets": None, "facet": None}
    links = asked.address(query, **plain_query, part="links")
    base = asked.address(query, **plain_query)
    return [
        ui.Link(_("Lots and units (CSV)"), f"export.csv{base}"),
        ui.Link(_("Links (CSV)"), f"export.csv{links}"),
        ui.Link(_("Everything (JSON)"), f"export.json{base}"),
    ]


def _facet(code: str, title: Any, rows: Sequence[FacetRow], query: QueryDict) -> FacetTable:
    all_of_it = query.get("facet") == code
    shown = rows[: FACET_ROWS_ALL if all_of_it else FACET_ROWS]
    dated = any(row.at for row in shown)
    columns = [ui.Column("what", title), ui.Column("detail", _("Details"))]
    columns += [ui.Column("at", _("When"), "moment")] if dated else []
    table_rows = [
        ui.Row(
            [ui.Link(row.label, row.url), row.detail or None]
            + ([ui.Moment(row.at) if row.at else None] if dated else [])
        )
        for row in shown
    ]
    more = None
    if len(rows) > len(shown):
        n = str(number_format(len(rows), use_l10n=True, force_grouping=True))
        more = ui.Link(
            _("Show all %(n)s") % {"n": n}, asked.address(query, facet=code) + f"#facet-{code}"
        )
    return FacetTable(code, title, len(rows), ui.Table(columns, table_rows, more=more))


def _balances(trace: Trace) -> ui.Table | None:
    """Return the mass balance of the lots that were asked about, when they are few."""
    own = trace.named(trace.start.lot_ids) if len(trace.start.lot_ids) <= BALANCED else {}
    if not own:
        return None
    figures = ordered_figures()
    columns = [ui.Column("lot", _("Lot or unit"), "mono")]
    columns += [ui.Column(f.code, capfirst(str(f.label)), "number") for f in figures]
    columns += [
        ui.Column("gap", _("Not accounted for"), "number"),
        ui.Column("verdict", _("Balance"), "state"),
    ]
    rows = []
    for line in balance(list(own)):
        verdict = ui.Pill(_("balanced"), "good") if line.closed else ui.Pill(_("gap"), "bad")
        numbers = [ui.Number(plain(line.figures[f.code])) for f in figures]
        rows.append(
            ui.Row([lot_link(own[line.lot_id]), *numbers, ui.Number(plain(line.gap)), verdict])
        )
    return ui.Table(columns, rows)


def _because(trace: Trace, query: QueryDict) -> Because | None:
    lot_id = asked.whole(query, "why", most=PG_INT_MAX)
    number = asked.text(query, "check")
    if lot_id is None and number:
        lots = Lot.objects.visible_to(trace.actor).filter(number=number).order_by("pk")
        lot_id = lots.values_list("pk", flat=True).first()
        if lot_id is None:
            said = _("There is no lot or unit with this number that you may see.")
            return Because(ui.Link(number, mono=True), (), [(said, ())])
    node = trace.named([lot_id]).get(lot_id) if lot_id is not None else None
    if node is None:
        return None
    path = why.why_in(trace, node.lot_id)
    if path is not None:
        return Because(lot_link(node), _steps(path), ())
    reasons = [(r.sentence, [lot_link(n) for n in r.lots]) for r in why.why_not(trace, node.lot_id)]
    return Because(lot_link(node), (), reasons)


def _steps(path: why.Path) -> list[tuple[ui.Link, str]]:
    hidden = ui.Link(_("a lot at a site you do not see"))
    lots = [lot_link(path.nodes[pk]) if pk in path.nodes else hidden for pk in path.lot_ids]
    return list(zip(lots, [*map(_link_words, path.links), ""], strict=False))


def _link_words(link: Link) -> str:
    if link.event_time is None or link.input_quantity is None:
        return _("the unit belongs to this lot")
    known = _("known per unit") if link.precision == "unit" else _("known per lot")
    facts = {
        "step": step_words(link.biz_step),
        "date": f"{link.event_time:%Y-%m-%d}",
        "quantity": plain(link.input_quantity),
        "known": known,
    }
    return _("%(step)s on %(date)s with %(quantity)s of it, %(known)s") % facts


def _legend(trace: Trace, sides: bool) -> list[tuple[str, Any]]:  # noqa: FBT001
    present = {"unit" if g.kind == Lot.Kind.SERIAL else g.item_kind for g in trace.groups}
    present |= {"source", "target"} if sides else set()
    return [(shape, words) for shape, words in SHAPES.items() if shape in present]


def directions(query: QueryDict, present: Direction) -> list[ui.Choice]:
    """Return the three ways to ask."""
    return [ui.Choice(d.value, d.label, d is present) for d in Direction]
