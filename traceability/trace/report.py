"""The answer on paper: words, story, picture, tables up to a stated size, and the hash of it all.

Bounded on purpose: a report of 100,000 lots is read by nobody. What is not printed is counted, and
the rows are all in the JSON and XLSX of the same question, under the same hash.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import weasyprint
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.ui import page as ui
from erp.ui.evidence import document
from erp.ui.evidence.printing import PrintedSection, printed_section
from erp.ui.evidence.version import application_version
from traceability.phrases import number
from traceability.queries import units_of
from traceability.trace.answer import Link, Node, Section
from traceability.trace.balance import balance_with_units, ordered_figures
from traceability.trace.export import Asking, answer_json, digest_of
from traceability.trace.graph import draw
from traceability.trace.pills import state_pills
from traceability.trace.query import Trace
from traceability.trace.story import story_of_trace
from traceability.trace.svg import picture
from traceability.whereabouts import places_of
from traceability.words import step_words

ROWS = 200
FACTS = 30
FACETS_UP_TO = 5000
BALANCED = 20
COPIED_UP_TO = 5000
COPY_NAME = "trace.json"


def trace_report(trace: Trace) -> bytes:
    """Return the answer as PDF; one of moderate size carries its rows as JSON inside."""
    asking = Asking.now(trace)
    total = trace.counts.nodes
    sections = trace.facets() if total <= FACETS_UP_TO else []
    drawing = draw(trace, sections=sections).as_json()
    facts = asking.facts(trace)
    context = {
        "facts": facts,
        "question": facts[0][1],
        "answer": facts[1][1],
        "gaps": [f"{gap.count} {gap.sentence}" for gap in trace.gaps],
        "story": story_of_trace(trace),
        "picture": picture(drawing, title=facts[0][1], styled=True),
        "summarised": drawing["summarised"],
        "sections": list(_sections(trace, sections, total)),
        "hash": document.in_groups(digest_of(trace)),
        "copied": total <= COPIED_UP_TO,
        "copy_name": COPY_NAME,
        "application": application_version(),
        "language": translation.get_language(),
        "made_at": timezone.localtime(asking.at).isoformat(timespec="seconds"),
        "who": asking.who,
    }
    html = render_to_string("traceability/report.html", context)
    laid_out = weasyprint.HTML(string=html, url_fetcher=document.NoFiles())
    attachments = [_copy(trace)] if context["copied"] else []
    data: bytes = laid_out.write_pdf(
        stylesheets=[weasyprint.CSS(string=sheet) for sheet in _styles()], attachments=attachments
    )
    return data


def _copy(trace: Trace) -> Any:
    rows = "".join(answer_json(trace)).encode()
    return weasyprint.Attachment(
        file_obj=io.BytesIO(rows), name=COPY_NAME, description=_("Machine-readable copy")
    )


@cache
def _styles() -> Sequence[str]:
    own = Path(__file__).with_name("report.css")
    return [(document.HERE / "pack.css").read_text("utf-8"), own.read_text("utf-8")]


def _sections(trace: Trace, facets: Sequence[Section], total: int) -> Iterator[PrintedSection]:
    nodes = trace.nodes(limit=ROWS)
    made = [_lots(trace.actor, nodes, total), _links(trace, nodes, total), _balances(trace)]
    made += [_facts(facet) for facet in facets]
    for section in made:
        printed = printed_section(section, "t") if section else None
        if printed is not None:
            yield printed


def _cut(shown: int, count: int) -> str:
    """Say how much of a table is printed."""
    if shown >= count:
        return ""
    said = _("The first %(shown)s of %(count)s; all are in the JSON and XLSX of this question.")
    return said % {"shown": number(shown), "count": number(count)}


def _lots(actor: Actor, nodes: Sequence[Node], total: int) -> ui.Section:
    columns = [
        ui.Column("level", _("Steps"), "number"),
        ui.Column("number", _("Lot or unit"), "mono"),
        ui.Column("item", _("Item"), "mono"),
        ui.Column("name", _("Name")),
        ui.Column("state", _("State"), "state"),
        ui.Column("now", _("Now at")),
    ]
    places = places_of(actor, [n.lot_id for n in nodes])
    rows = [
        ui.Row(
            [
                ui.Number(str(n.level)),
                ui.Link(n.number, mono=True),
                n.item,
                n.name,
                state_pills(n),
                "; ".join(map(str, places.get(n.lot_id, ()))) or "–",
            ]
        )
        for n in nodes
    ]
    note = _cut(len(rows), total)
    return ui.Section("lots", _("Lots and units"), table=ui.Table(columns, rows), note=note)


def _links(trace: Trace, nodes: Sequence[Node], total: int) -> ui.Section:
    shown = trace.link_page(limit=ROWS)
    labels = {n.lot_id: n.number for n in nodes}
    missing = {pk for k in shown for pk in (k.input_id, k.output_id) if pk not in labels}
    labels |= {pk: n.number for pk, n in trace.named(sorted(missing)).items()} if missing else {}
    units = units_of({k.input_id for k in shown})
    columns = [
        ui.Column("at", _("When"), "moment"),
        ui.Column("step", _("Step")),
        ui.Column("from", _("From"), "mono"),
        ui.Column("into", _("Into"), "mono"),
        ui.Column("quantity", _("Quantity"), "number"),
        ui.Column("known", _("Known")),
    ]
    rows = [
        ui.Row(
            [
                ui.Moment(k.event_time) if k.event_time else "–",
                _("belongs to") if k.membership else step_words(k.biz_step),
                labels.get(k.input_id, "…"),
                labels.get(k.output_id, "…"),
                _quantity(k, units),
                _("per unit") if k.precision == "unit" else _("per lot"),
            ]
        )
        for k in shown
    ]
    note = _cut(len(rows), trace.counts.links)
    return ui.Section("links", _("Links"), table=ui.Table(columns, rows), note=note)


def _quantity(link: Link, units: Mapping[int, str]) -> ui.Number | str:
    if link.input_quantity is None:
        return "–"
    return ui.Number(plain(link.input_quantity), units.get(link.input_id, ""))


def _balances(trace: Trace) -> ui.Section | None:
    own = trace.named(trace.start.lot_ids) if len(trace.start.lot_ids) <= BALANCED else {}
    if not own:
        return None
    figures, units = ordered_figures(), units_of(list(own))
    columns = [ui.Column("lot", _("Lot or unit"), "mono")]
    columns += [ui.Column(f.code, f.label, "number") for f in figures]
    columns += [ui.Column("gap", _("Not accounted for"), "number")]
    rows = [
        ui.Row(
            [
                own[line.lot_id].number,
                *(ui.Number(plain(line.figures[f.code]), units[line.lot_id]) for f in figures),
                ui.Number(plain(line.gap), units[line.lot_id]),
            ]
        )
        for line in balance_with_units(list(own))
    ]
    return ui.Section("balance", _("Mass balance"), table=ui.Table(columns, rows))


def _facts(facet: Section) -> ui.Section:
    columns = [
        ui.Column("what", _("Record")),
        ui.Column("detail", _("Details")),
        ui.Column("at", _("When"), "moment"),
    ]
    rows = [
        ui.Row([str(r.label), r.detail or "–", ui.Moment(r.at) if r.at else "–"])
        for r in facet.rows[:FACTS]
    ]
    note = _cut(len(rows), len(facet.rows))
    return ui.Section(facet.code, facet.title, table=ui.Table(columns, rows), note=note)
