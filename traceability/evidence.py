"""The chain in evidence packs: everything that went into a lot, and everywhere it went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from erp.core.quantities import plain
from erp.ui.evidence.chapters import Chapter, add_chapter
from erp.ui.page import Column, Moment, Number, Row, Section, Table
from erp.ui.page import Link as PageLink
from erp.ui.records import View
from traceability.completeness.queries import last_done
from traceability.ids import IdSet
from traceability.queries import units_of
from traceability.trace import Direction, Node, Start, Trace
from traceability.trace.answer import Link
from traceability.trace.answer import Section as FactSection
from traceability.trace.balance import balance_with_units, ordered_figures
from traceability.trace.pills import state_pills
from traceability.trace.words import summary
from traceability.words import step_words


def backward(view: View) -> Chapter | None:
    """Return what went into the lot: lots, links, and who and what touched them."""
    return _chapter(view, Direction.BACKWARD, "backward", _("Chain backward"), follow=True)


def accounts(view: View) -> Chapter:
    """Return what of the lot is accounted for, and when missing evidence was last searched for."""
    figures = ordered_figures()
    unit = view.record.item.get_unit_display()
    (line,) = balance_with_units([view.record.pk])
    rows = [
        Row([capfirst(str(f.label)), Number(plain(line.figures[f.code]), unit)])
        for f in figures
        if line.figures[f.code]
    ]
    rows.append(Row([_("Not accounted for"), Number(plain(line.gap), unit)]))
    columns = [Column("what", _("What")), Column("quantity", _("Quantity"), "number")]
    section = Section("balance-lot", _("Mass balance"), table=Table(columns, rows))
    checked, gaps = last_done(full=True), []
    if not line.closed:
        facts = {"q": plain(line.gap), "unit": unit}
        gaps.append(_("%(q)s %(unit)s are not accounted for.") % facts)
    if checked is None:
        gaps.append(_("No evidence check was made: missing evidence was not searched for."))
    lead = (
        _("Missing evidence was last searched for in all lots on %(when)s.")
        % {"when": f"{timezone.localtime(checked.requested_at):%Y-%m-%d %H:%M %z}"}
        if checked
        else ""
    )
    return Chapter("balance", _("What is accounted for"), [section], lead, gaps)


def forward(view: View) -> Chapter | None:
    """Return where the lot went: units, places, customers."""
    return _chapter(view, Direction.FORWARD, "forward", _("Chain forward"), follow=False)


def _chapter(view: View, direction: Direction, anchor: str, title: str, *, follow: bool) -> Chapter:
    trace = Trace(Start.lots(view.record.pk), direction, view.actor)
    nodes = trace.nodes()
    told = summary(trace)
    return Chapter(
        anchor=anchor,
        title=title,
        lead=f"{told.answer}",
        sections=[
            _lots(anchor, [n for n in nodes if n.lot_id != view.record.pk]),
            _links(anchor, trace, {n.lot_id: n for n in nodes}),
            *_facts(anchor, trace.facets()),
        ],
        gaps=[f"{gap.count} {gap.sentence}." for gap in trace.gaps],
        follow=follow,
    )


def _lots(anchor: str, nodes: Sequence[Node]) -> Section:
    columns = [
        Column("steps", _("Steps"), "number"),
        Column("number", _("Lot or unit"), "mono"),
        Column("item", _("Item"), "mono"),
        Column("name", _("Name")),
        Column("state", _("State"), "state"),
        Column("site", _("Site")),
    ]
    rows = [
        Row(
            [
                Number(str(abs(node.level))),
                PageLink(node.number, f"/lots/{node.lot_id}/", mono=True),
                node.item,
                node.name,
                state_pills(node),
                node.site,
            ]
        )
        for node in sorted(nodes, key=lambda n: (abs(n.level), n.item, n.number))
    ]
    empty = _("No other lot is recorded in this direction.")
    return Section(f"{anchor}-lots", _("Lots and units"), table=Table(columns, rows, empty))


def _links(anchor: str, trace: Trace, nodes: dict[int, Node]) -> Section:
    columns = [
        Column("at", _("When"), "moment"),
        Column("step", _("Step")),
        Column("input", _("From"), "mono"),
        Column("in", _("Quantity"), "number"),
        Column("output", _("Into"), "mono"),
        Column("out", _("Quantity"), "number"),
        Column("precision", _("Known")),
    ]
    ordered = sorted(
        trace.links(),
        key=lambda k: (k.event_time is None, k.event_time, k.event_id or 0, k.input_id),
    )
    units = units_of(IdSet(nodes))
    rows = [Row(list(_link(link, nodes, units))) for link in ordered if not link.membership]
    empty = _("No step joins lots in this direction.")
    return Section(f"{anchor}-links", _("Steps that join them"), table=Table(columns, rows, empty))


def _link(link: Link, nodes: Mapping[int, Node], units: Mapping[int, str]) -> Iterator[object]:
    yield Moment(link.event_time) if link.event_time else None
    yield step_words(link.biz_step)
    ends = ((link.input_id, link.input_quantity), (link.output_id, link.output_quantity))
    for lot_id, quantity in ends:
        yield nodes[lot_id].number if lot_id in nodes else "…"
        yield "–" if quantity is None else Number(plain(quantity), units.get(lot_id, ""))
    yield _("per unit") if link.precision == "unit" else _("per lot")


def _facts(anchor: str, sections: Sequence[FactSection]) -> Iterator[Section]:
    columns = [
        Column("what", _("Record")),
        Column("detail", _("Details")),
        Column("at", _("When"), "moment"),
    ]
    for section in sections:
        rows = [
            Row([PageLink(r.label, r.url), r.detail or "–", Moment(r.at) if r.at else "–"])
            for r in section.rows
        ]
        yield Section(f"{anchor}-{section.code}", section.title, table=Table(columns, rows))


add_chapter("traceability.Lot", 10, backward)
add_chapter("traceability.Lot", 20, forward)
add_chapter("traceability.Lot", 30, accounts)
