"""Why one lot is in an answer, or why it is not, as the page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from erp.core.quantities import plain
from erp.ui import page as ui
from traceability.models import Lot
from traceability.origins import PG_INT_MAX
from traceability.queries import units_of
from traceability.trace import asked, why
from traceability.trace.answer import Link
from traceability.trace.query import Trace
from traceability.trace.siblings import Siblings
from traceability.web.tables import lot_link
from traceability.words import step_words


@dataclass(frozen=True)
class Because:
    """The answer about one lot: its path, or why it is not in."""

    lot: ui.Link
    steps: Sequence[tuple[ui.Link, str]]
    """(lot, what happened on the way to the next one)."""
    reasons: Sequence[tuple[Any, Sequence[ui.Link]]]
    shared: bool = False
    """The reasons say what makes it a sibling, not why it is not in."""


def because_of(trace: Trace, query: QueryDict) -> Because | None:
    """Return the answer about the lot that the address asks about, if it asks about one."""
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
    if isinstance(trace, Siblings):
        return _sibling(trace, node.lot_id, lot_link(node))
    path = why.why_in(trace, node.lot_id)
    if path is not None:
        return Because(lot_link(node), _steps(path), ())
    reasons = [(r.sentence, [lot_link(n) for n in r.lots]) for r in why.why_not(trace, node.lot_id)]
    return Because(lot_link(node), (), reasons)


def _sibling(trace: Siblings, lot_id: int, lot: ui.Link) -> Because:
    """Return through what a lot is a sibling, or that it shares nothing that is recorded."""
    ways = trace.through_of.get(lot_id, ())
    if not ways:
        said = _("Nothing is recorded that both were exposed to, of what was asked for.")
        return Because(lot, (), [(said, ())])
    shared = [(way.kind, [ui.Link(way.record.label, way.record.url, mono=True)]) for way in ways]
    return Because(lot, (), shared, shared=True)


def _steps(path: why.Path) -> list[tuple[ui.Link, str]]:
    hidden = ui.Link(_("a lot at a site you do not see"))
    lots = [lot_link(path.nodes[pk]) if pk in path.nodes else hidden for pk in path.lot_ids]
    units = units_of(path.lot_ids)
    words = [_link_words(link, units.get(link.input_id, "")) for link in path.links]
    return list(zip(lots, [*words, ""], strict=False))


def _link_words(link: Link, unit: str) -> str:
    if link.event_time is None or link.input_quantity is None:
        return _("the unit belongs to this lot")
    known = _("known per unit") if link.precision == "unit" else _("known per lot")
    facts = {
        "step": step_words(link.biz_step),
        "date": f"{link.event_time:%Y-%m-%d}",
        "quantity": f"{plain(link.input_quantity)} {unit}".rstrip(),
        "known": known,
    }
    return _("%(step)s on %(date)s with %(quantity)s of it, %(known)s") % facts
