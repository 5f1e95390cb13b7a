"""The answer as a drawing: lot by lot while that can be read, grouped by item or by kind beyond.

A drawing never leaves anything out: what is not drawn as itself is counted in a group that can be
opened, and an opened group of very many lots keeps the others in a node that says how many.
"""

# Statements are put together from constants; every value is a parameter.
# ruff: noqa: S608

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.core.quantities import plain
from erp.masterdata.models import Item
from traceability.ids import id_array
from traceability.models import Lot
from traceability.states import LOT, LotState
from traceability.trace.answer import Section
from traceability.trace.query import Trace
from traceability.trace.sql import LOTS

SHOWN_LOTS = 300
SHOWN_PER_LEVEL = 40
"""A taller column than this cannot be read, however few the lots are in all."""
SHOWN_ITEMS = 120
OPENED_LOTS = 150
SIDE_ROWS = 40
GRAVITY = ("recall", "bad", "waiting", "draft", "info", "good")

_GROUP = re.compile(r"item:-?\d{1,9}:\d{1,18}|kind:-?\d{1,9}:[a-z]{1,12}", re.ASCII)

_NAMED = """
    {known}, keyed AS (
        SELECT r.lot_id, r.level, r.whole, l.item_id, l.number, l.kind, l.state, m.kind AS
        item_kind,
               m.code, m.name,
               row_number() OVER (PARTITION BY r.level, l.item_id ORDER BY l.number, l.id) AS place,
               count(*) OVER (PARTITION BY r.level, l.item_id) AS many
        FROM {nodes} r {lots}
        JOIN masterdata_item m ON m.id = l.item_id),
    named AS MATERIALIZED (
        SELECT k.*, CASE
            WHEN %(each)s OR many = 1
                 OR (place <= %(cap)s AND level || ':' || item_id = ANY(%(items)s))
                THEN 'lot:' || lot_id
            WHEN level || ':' || item_id = ANY(%(items)s) THEN 'rest:' || level || ':' || item_id
            WHEN %(by_item)s OR level || ':' || item_kind = ANY(%(kinds)s)
                THEN 'item:' || level || ':' || item_id
            ELSE 'kind:' || level || ':' || item_kind END AS key
        FROM keyed k)"""

_KEYS = """
    SELECT key, min(level), count(*), min(lot_id), min(number), min(kind), min(item_kind),
           min(code), min(name), count(DISTINCT item_id), array_agg(DISTINCT state::text),
           count(*) FILTER (WHERE lot_id IN (SELECT unnest(%(held)s::bigint[]))), bool_and(whole)
    FROM named GROUP BY key ORDER BY 2, min(code), 5"""

_ARROWS = """
    SELECT a.key, b.key, count(*), bool_and(k.event_id IS NULL),
           bool_or(k.precision = 'lot'), min(k.input_quantity)
    FROM ({links}) k JOIN named a ON a.lot_id = k.input_id JOIN named b ON b.lot_id = k.output_id
    WHERE a.key <> b.key GROUP BY a.key, b.key"""


@dataclass(frozen=True)
class Drawing:
    """Nodes and arrows as the page's script takes them."""

    nodes: Sequence[dict[str, Any]]
    arrows: Sequence[dict[str, Any]]
    summarised: bool

    def as_json(self) -> dict[str, Any]:
        """Return the drawing in JSON types."""
        return {"nodes": self.nodes, "arrows": self.arrows, "summarised": self.summarised}


def draw(trace: Trace, *, opened: Iterable[str] = (), sections: Sequence[Section] = ()) -> Drawing:
    """Return the drawing of an answer; ``opened`` names the groups to show in detail."""
    values = _choices(trace, opened)
    named = _NAMED.format(known=trace.known_sql(), nodes=trace.shape.nodes, lots=LOTS)
    starts = frozenset(trace.start.lot_ids)
    nodes = [_node(row, starts) for row in trace.rows(named + _KEYS, **values)]
    arrows = [
        _arrow(row)
        for row in trace.rows(named + _ARROWS.format(links=trace.shape.links(facts=True)), **values)
    ]
    sides = [s for s in sections if s.side]
    if sides:
        keys = dict(trace.rows(f"{named} SELECT lot_id, key FROM named", **values))
        for section in sides:
            more_nodes, more_arrows = _side(section, keys)
            nodes += more_nodes
            arrows += more_arrows
    return Drawing(nodes, arrows, not values["each"])


def _choices(trace: Trace, opened: Iterable[str]) -> dict[str, Any]:
    total = sum(g.size for g in trace.groups)
    per_level = Counter[int]()
    for group in trace.groups:
        per_level[group.level] += group.size
    readable = total <= SHOWN_LOTS and max(per_level.values(), default=0) <= SHOWN_PER_LEVEL
    items = {(g.level, g.item_id) for g in trace.groups}
    # Anything else is the name of no group.
    names = [name.partition(":") for name in opened if _GROUP.fullmatch(name)]
    return {
        "each": readable,
        "by_item": len(items) <= SHOWN_ITEMS,
        "items": [rest for head, _colon, rest in names if head == "item"],
        "kinds": [rest for head, _colon, rest in names if head == "kind"],
        "cap": OPENED_LOTS,
        "held": id_array(trace.marks.get("held", ())),
    }


def _node(row: tuple[Any, ...], starts: Collection[int]) -> dict[str, Any]:
    key, level, count, lot_id, number, kind, item_kind, code, name, items, states, held, whole = row
    what = key.partition(":")[0]
    tone = "bad" if held else _gravest(states)
    words = [str(LOT.labels[LotState(s)]) for s in states]
    if held:
        words.append(
            ngettext("%(n)s on hold", "%(n)s on hold", held) % {"n": held}
            if count > 1
            else _("on hold")
        )
    if not whole and count == 1:
        words.append(_("in part"))
    node = {
        "id": key,
        "what": what,
        "level": level,
        "count": count,
        "shape": "unit" if kind == Lot.Kind.SERIAL else item_kind,
        "tone": tone,
        "state": ", ".join(words),
        "start": lot_id in starts,
    }
    if what == "lot":
        return {
            **node,
            "label": number,
            "detail": f"{code} {name}",
            "url": f"/lots/{lot_id}/",
            "lot": lot_id,
        }
    return {
        **node,
        **_group_words(what, count, items, code, name, item_kind),
        "url": "",
        "opens": what != "rest",
    }


def _group_words(
    what: str, count: int, items: int, code: str, name: str, item_kind: str
) -> dict[str, str]:
    lots = ngettext("%(n)s lot or unit", "%(n)s lots and units", count) % {"n": count}
    if what == "item":
        return {"label": code, "detail": f"{lots} · {name}"}
    if what == "rest":
        return {"label": _("%(n)s more") % {"n": count}, "detail": f"{code} {name}"}
    kinds = ngettext("%(n)s item", "%(n)s items", items) % {"n": items}
    return {"label": str(Item.Kind(item_kind).label), "detail": f"{lots} · {kinds}"}


def _gravest(states: Sequence[str]) -> str:
    tones = [LOT.tones[LotState(s)] for s in states]
    return min(tones, key=GRAVITY.index)


def _arrow(row: tuple[Any, ...]) -> dict[str, Any]:
    source, target, count, member, vague, quantity = row
    return {
        "source": source,
        "target": target,
        "count": count,
        "member": member,
        "precision": "lot" if vague else "unit",
        "quantity": plain(quantity) if count == 1 and quantity is not None else "",
    }


def _side(
    section: Section, keys: dict[int, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return suppliers or customers as nodes; too many become one node."""
    rows = [row for row in section.rows if any(pk in keys for pk in row.lot_ids)]
    together = len(rows) > SIDE_ROWS
    nodes: dict[str, dict[str, Any]] = {}
    arrows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        name = f"side:{section.code}" + ("" if together else f":{row.label}")
        label = f"{len(rows)} · {section.title}" if together else str(row.label)
        nodes[name] = {
            "id": name,
            "what": "side",
            "side": section.side,
            "level": None,
            "count": 1,
            "shape": section.side,
            "tone": "info",
            "state": "",
            "start": False,
            "label": label,
            "detail": str(section.title),
            "url": "" if together else row.url,
        }
        for pk in row.lot_ids:
            if pk in keys:
                ends = (name, keys[pk]) if section.side == "source" else (keys[pk], name)
                arrows[ends] = _arrow((*ends, 1, False, False, None))
    return list(nodes.values()), list(arrows.values())
