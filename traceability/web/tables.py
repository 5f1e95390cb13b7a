"""The tables of the trace page: lots, levels, facts, mass balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.core.quantities import plain
from erp.masterdata.models import Item
from erp.ui import page as ui
from traceability.models import Lot
from traceability.origins import FacetRow
from traceability.phrases import number
from traceability.queries import units_of
from traceability.trace import asked
from traceability.trace.answer import Group, Node
from traceability.trace.balance import balance_with_units, ordered_figures
from traceability.trace.pills import state_pills
from traceability.trace.precision import precision_of
from traceability.trace.query import Trace
from traceability.trace.siblings import Siblings
from traceability.whereabouts import Place, places_of

FACET_ROWS = 15
FACET_ROWS_ALL = 1000
BALANCED = 20
WAYS = 1
PLACES = 2


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


def lot_link(node: Node) -> ui.Link:
    """Return the link to a lot of the answer."""
    return ui.Link(node.number, f"/lots/{node.lot_id}/", mono=True)


def kind_words(node: Node) -> str:
    """Return what a lot is: a unit, or a lot of some kind of item."""
    if not node.whole:
        return _("lot, in part")
    unit = node.kind == Lot.Kind.SERIAL
    return str(Lot.Kind(node.kind).label if unit else Item.Kind(node.item_kind).label)


def step_count(level: int) -> str:
    """Return the distance with its direction: below zero went into the start, above came of it."""
    return f"{level:+d}".replace("-", "\N{MINUS SIGN}") if level else "0"


def lots_table(trace: Trace, nodes: Sequence[Node], query: QueryDict) -> ui.Table:
    """Return the lots of an answer; of siblings with what makes them some."""
    last, cells = _known(trace, nodes)
    if isinstance(trace, Siblings):
        last, cells = _through(trace, nodes)
    columns = [
        ui.Column("state", _("State"), "state"),
        ui.Column("number", _("Lot or unit"), "mono"),
        ui.Column("item", _("Item"), "mono"),
        ui.Column("name", _("Name")),
        ui.Column("kind", _("Kind")),
        ui.Column("level", _("Steps"), "number"),
        last,
        ui.Column("now", _("Now at")),
        ui.Column("why", _("Why")),
    ]
    places = places_of(trace.actor, [node.lot_id for node in nodes])
    rows = [
        ui.Row(_cells(node, cells[node.lot_id], places.get(node.lot_id, ()), query))
        for node in nodes
    ]
    return ui.Table(columns, rows, empty=_("No lot or unit of this trace fits the filters."))


def _cells(node: Node, last: Any, places: Sequence[Place], query: QueryDict) -> list[Any]:
    why = ui.Link(_("Show why"), asked.address(query, why=node.lot_id, check=None) + "#why")
    return [
        state_pills(node),
        lot_link(node),
        ui.Link(node.item, f"/items/{node.item_id}/", mono=True),
        node.name,
        kind_words(node),
        ui.Number(step_count(node.level)),
        last,
        _now_at(places),
        why if node.level else _("start"),
    ]


def _now_at(places: Sequence[Place]) -> Any:
    """Return the first places as links, with how many there are besides."""
    links = [ui.Link(p.label, p.url) if p.url else p.label for p in places[:PLACES]]
    more = len(places) - PLACES
    return [*links, *([f"+{more}"] if more > 0 else [])] or "–"


def _known(trace: Trace, nodes: Sequence[Node]) -> tuple[ui.Column, dict[int, Any]]:
    exact = precision_of(trace, [node.lot_id for node in nodes])
    words = {n.lot_id: exact[n.lot_id].label if n.level else "–" for n in nodes}
    return ui.Column("known", _("Link")), words


def _through(trace: Siblings, nodes: Sequence[Node]) -> tuple[ui.Column, dict[int, Any]]:
    found = {}
    for node in nodes:
        ways = trace.through_of.get(node.lot_id, ())
        links = [ui.Link(way.record.label, way.record.url, mono=True) for way in ways[:WAYS]]
        more = len(ways) - WAYS
        found[node.lot_id] = [*links, *([f"+{more}"] if more > 0 else [])] or "–"
    return ui.Column("through", _("Through")), found


def through_table(trace: Siblings, query: QueryDict) -> ui.Table:
    """Return what the start was exposed to, each with the siblings it makes."""
    columns = [
        ui.Column("kind", _("They shared")),
        ui.Column("record", _("Record"), "mono"),
        ui.Column("detail", _("Details")),
        ui.Column("count", _("Siblings"), "number"),
        ui.Column("show", _("Show")),
    ]
    rows = []
    for through in trace.through:
        here = asked.address(query, through=through.token, after=None) + "#lots"
        link = ui.Link(through.record.label, through.record.url, mono=True)
        shown = ui.Link(_("Show these"), here) if through.lots else _("none")
        count = ui.Number(number(len(through.lots)))
        rows.append(ui.Row([through.kind, link, through.record.detail or "–", count, shown]))
    empty = _("Nothing is recorded that it could share with others")
    return ui.Table(columns, rows, empty=empty)


def levels_of(trace: Trace, query: QueryDict) -> list[Level]:
    """Return the answer step by step from the start, item by item."""
    by_level: dict[int, dict[int, list[Group]]] = {}
    for group in trace.groups:
        by_level.setdefault(group.level, {}).setdefault(group.item_id, []).append(group)
    return [
        Level(
            level_words(level),
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


def level_words(level: int) -> str:
    """Return a distance from the start in words."""
    if not level:
        return _("Starting point")
    steps = abs(level)
    if level < 0:
        said = ngettext("%(n)s step back", "%(n)s steps back", steps)
    else:
        said = ngettext("%(n)s step on", "%(n)s steps on", steps)
    return said % {"n": steps}


def facet_table(code: str, title: Any, rows: Sequence[FacetRow], query: QueryDict) -> FacetTable:
    """Return one section of facts: the first rows, and a link to more of them."""
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
        n = number(len(rows))
        more = ui.Link(
            _("Show all %(n)s") % {"n": n}, asked.address(query, facet=code) + f"#facet-{code}"
        )
    return FacetTable(code, title, len(rows), ui.Table(columns, table_rows, more=more))


def balance_table(trace: Trace) -> ui.Table | None:
    """Return the mass balance of the lots that were asked about, when they are few."""
    own = trace.named(trace.start.lot_ids) if len(trace.start.lot_ids) <= BALANCED else {}
    if not own:
        return None
    figures, units = ordered_figures(), units_of(list(own))
    columns = [ui.Column("lot", _("Lot or unit"), "mono")]
    columns += [ui.Column(f.code, capfirst(str(f.label)), "number") for f in figures]
    columns += [
        ui.Column("gap", _("Not accounted for"), "number"),
        ui.Column("verdict", _("Balance"), "state"),
    ]
    rows = []
    for line in balance_with_units(list(own)):
        verdict = ui.Pill(_("balanced"), "good") if line.closed else ui.Pill(_("gap"), "bad")
        unit = units[line.lot_id]
        numbers = [ui.Number(plain(line.figures[f.code]), unit) for f in figures]
        gap = ui.Number(plain(line.gap), unit)
        rows.append(ui.Row([lot_link(own[line.lot_id]), *numbers, gap, verdict]))
    return ui.Table(columns, rows)
