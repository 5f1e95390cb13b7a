"""Comparing answers, and the files of saved traces, for browsers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from erp.accounts import security
from erp.accounts.models import SecurityEvent
from erp.core.errors import DomainError
from erp.core.quantities import plain
from erp.ui import page as ui
from erp.ui.plain import harmless
from erp.ui.request import actor_of, address_of, request_id_of
from erp.ui.web.workbook import workbook
from traceability.origins import PG_INT_MAX
from traceability.saved import asking, content, words
from traceability.saved.compare import Comparison, LinkChange, LotChange
from traceability.saved.models import SavedTrace
from traceability.saved.records import SAVED, lots_of
from traceability.trace import asked

ROWS = 50
BLOCK = 500
CHUNK = 2000
FORMS = ("csv", "xlsx")
TONES = {"added": "info", "removed": "waiting", "moved": "draft"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show what changed between two answers, with the reason of each change."""
    narrowed = [(n, request.GET[n]) for n in ("since", "until", "depth") if request.GET.get(n)]
    tokens = request.GET.getlist("start")
    context: dict[str, Any] = {"given": request.GET, "tokens": tokens, "narrowed": narrowed}
    if not (request.GET.get("saved") or request.GET.get("known")):
        return render(request, "saved/compare.html", context)
    try:
        found = asking.comparison(request.GET, actor_of(request))
        after = asked.whole(request.GET, "after", most=PG_INT_MAX) or 0
        links_after = asked.whole(request.GET, "links_after", most=PG_INT_MAX) or 0
        context |= _page(request, found, after, links_after)
    except DomainError as refusal:
        context["refusal"] = refusal
        return render(request, "saved/compare.html", context, status=refusal.status)
    return render(request, "saved/compare.html", context)


def _page(request: HttpRequest, found: Comparison, after: int, links_after: int) -> dict[str, Any]:
    sums = found.sums
    lots_total = sums.lots_added + sums.lots_removed + sums.lots_moved
    links_total = sums.links_added + sums.links_removed
    lots = found.lots(limit=ROWS, after=after) if lots_total else []
    links = found.links(limit=ROWS, after=links_after) if links_total else []
    return {
        "found": found,
        "sums": sums,
        "said": words.sentence(sums),
        "lots": _lot_table(lots),
        "lots_total": lots_total,
        "lots_pages": _pages(request, "after", after, lots_total),
        "links": _link_table(links),
        "links_total": links_total,
        "links_pages": _pages(request, "links_after", links_after, links_total),
        "exports": _exports(request),
    }


def _pages(request: HttpRequest, name: str, at: int, total: int) -> tuple[str, str]:
    previous = asked.address(request.GET, **{name: max(0, at - ROWS) or None}) if at else ""
    following = asked.address(request.GET, **{name: at + ROWS}) if at + ROWS < total else ""
    return previous, following


def _exports(request: HttpRequest) -> list[ui.Link]:
    base = asked.address(request.GET, after=None, links_after=None)
    links = asked.address(request.GET, after=None, links_after=None, part="links")
    return [
        ui.Link(_("Lots and units (CSV)"), f"export.csv{base}"),
        ui.Link(_("Lots and units (XLSX)"), f"export.xlsx{base}"),
        ui.Link(_("Links (CSV)"), f"export.csv{links}"),
        ui.Link(_("Links (XLSX)"), f"export.xlsx{links}"),
    ]


def _lot_table(lots: Sequence[LotChange]) -> ui.Table:
    columns = [
        ui.Column("change", _("Change"), "state"),
        ui.Column("lot", _("Lot or unit"), "mono"),
        ui.Column("item", _("Item")),
        ui.Column("level", _("Steps"), "number"),
        ui.Column("why", _("Why")),
        ui.Column("event", _("Trace event"), "mono"),
        ui.Column("happened", _("Happened"), "moment"),
        ui.Column("recorded", _("Recorded"), "moment"),
    ]
    return ui.Table(columns, [_lot_row(change) for change in lots])


def _lot_row(c: LotChange) -> ui.Row:
    steps = f"{c.level:+d}" if c.level else "0"
    before = f"{c.level_before:+d} → " if c.level_before is not None else ""
    return ui.Row(
        [
            ui.Pill(words.change_words(c.change), TONES[c.change]),
            ui.Link(c.number, f"/lots/{c.lot_id}/", mono=True),
            f"{c.item} {c.name}",
            ui.Number((before + steps).replace("-", "\N{MINUS SIGN}")),
            words.reason(c),
            _event(c.event_id),
            ui.Moment(c.happened) if c.happened else "–",
            ui.Moment(c.recorded) if c.recorded else "–",
        ]
    )


def _event(pk: int | None) -> Any:
    return ui.Link(f"#{pk}", f"/trace-events/{pk}/", mono=True) if pk else "–"


def _link_table(links: Sequence[LinkChange]) -> ui.Table:
    columns = [
        ui.Column("change", _("Change"), "state"),
        ui.Column("input", _("From"), "mono"),
        ui.Column("output", _("To"), "mono"),
        ui.Column("event", _("Trace event"), "mono"),
        ui.Column("why", _("Why")),
        ui.Column("by", _("By event"), "mono"),
        ui.Column("recorded", _("Recorded"), "moment"),
    ]
    rows = [
        ui.Row(
            [
                ui.Pill(words.change_words(c.change), TONES[c.change]),
                ui.Link(c.input, f"/lots/{c.input_id}/", mono=True),
                ui.Link(c.output, f"/lots/{c.output_id}/", mono=True),
                _event(c.event_id) if c.event_id else _("belongs to"),
                words.link_reason(c),
                _event(c.by_event),
                ui.Moment(c.recorded) if c.recorded else "–",
            ]
        )
        for c in links
    ]
    return ui.Table(columns, rows)


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Return all changed lots, or with ``part=links`` all changed links."""
    found = asking.comparison(request.GET, actor_of(request))
    links = request.GET.get("part") == "links"
    rows = words.link_rows(found) if links else words.lot_rows(found)
    return _file(request, form, rows, "trace-changes-links" if links else "trace-changes")


@require_safe
def saved_lots(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """Return the lots of a saved trace."""
    saved = SAVED.find(actor_of(request), pk)
    return _file(request, form, _saved_lots(request, saved), f"{saved.number}-lots")


def _saved_lots(request: HttpRequest, saved: SavedTrace) -> Iterator[list[str]]:
    yield [
        "lot_id", "level", "whole", "number", "item", "state_then", "why_lot", "why_event",
    ]  # fmt: skip
    rows: Any = lots_of(saved, actor_of(request)).values_list(
        "lot_id",
        "level",
        "whole",
        "lot__number",
        "lot__item__code",
        "state",
        "why_lot__number",
        "why_event_id",
    )
    for row in rows.iterator(chunk_size=CHUNK):
        yield ["" if cell is None else str(cell) for cell in row]


@require_safe
def saved_links(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """Return the links of a saved trace."""
    saved = SAVED.find(actor_of(request), pk)
    return _file(request, form, _saved_links(request, saved), f"{saved.number}-links")


def _saved_links(request: HttpRequest, saved: SavedTrace) -> Iterator[list[str]]:
    yield [
        "event_id",
        "input_id",
        "input",
        "output_id",
        "output",
        "input_quantity",
        "output_quantity",
    ]
    seen = lots_of(saved, actor_of(request)).order_by().values("lot")
    rows = saved.edges.filter(input_lot__in=seen, output_lot__in=seen).order_by("pk")
    for *ends, into, out in rows.values_list(
        "event_id",
        "input_lot_id",
        "input_lot__number",
        "output_lot_id",
        "output_lot__number",
        "input_quantity",
        "output_quantity",
    ).iterator(chunk_size=CHUNK):
        quantities = ("" if q is None else plain(q) for q in (into, out))
        yield ["" if cell is None else str(cell) for cell in ends] + list(quantities)


@require_safe
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute the hash of a saved trace anew and say whether it is the one it was saved with."""
    saved = SAVED.find(actor_of(request), pk)
    context = {"saved": saved, "unchanged": content.is_unchanged(saved)}
    return render(request, "saved/verify.html", context)


def _file(
    request: HttpRequest, form: str, rows: Iterable[Sequence[str]], stem: str
) -> HttpResponseBase:
    if form not in FORMS:
        raise Http404
    name = f"{stem}.{form}"
    _note(request, name)
    response: HttpResponseBase
    if form == "xlsx":
        response = HttpResponse(workbook(stem, rows), content_type=XLSX)
    else:
        response = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _note(request: HttpRequest, name: str) -> None:
    actor = actor_of(request)
    security.note(
        SecurityEvent.Kind.EXPORTED,
        username=actor.username,
        user_id=actor.user_id,
        address=address_of(request),
        channel="web",
        request_id=request_id_of(request),
        detail={"noun": "saved-traces", "file": name, "query": request.GET.urlencode()[:500]},
    )


def _csv(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "\ufeff"  # spreadsheets take UTF-8 for what it is only with this mark
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for number, row in enumerate(rows, start=1):
        writer.writerow([harmless(cell) for cell in row])
        if number % BLOCK == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
