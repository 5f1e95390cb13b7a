"""List page, record page, exports: built from the kind's declaration."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from erp.accounts import security
from erp.accounts.models import SecurityEvent
from erp.core.actor import Actor
from erp.core.errors import IllegalStep
from erp.core.reading import reading
from erp.operations.availability import Offer, creation_offers, offers
from erp.ui import listing
from erp.ui.page import Action, Column, Filter, FilterOption, Link, ListPage, RecordPage, Row, Table
from erp.ui.plain import harmless, plain_value
from erp.ui.records import (
    KINDS,
    RecordKind,
    View,
    badges_of,
    cells_of,
    facts_of,
    filters_of,
    sections_of,
)
from erp.ui.request import actor_of, address_of, request_id_of
from erp.ui.web.common import common_sections
from erp.ui.web.workbook import workbook

EXPORT_CHUNK = 2000


def kind_or_404(noun: str) -> RecordKind:
    """Return the kind of a noun in an address."""
    kind = KINDS.get(noun)
    if kind is None:
        raise Http404
    return kind


@require_safe
def list_page(request: HttpRequest, noun: str) -> HttpResponse:
    """Show the list of one kind."""
    kind = kind_or_404(noun)
    actor = actor_of(request)
    query = _query(request, kind, actor)
    found = listing.page(kind, actor, query)
    table = Table(
        columns=[_column(request, kind, spec.key) for spec in kind.columns],
        rows=[
            Row(cells=cells, url=kind.url(r.pk), id=str(r.pk))
            for r, cells in zip(
                found.records, cells_of(kind, found.records, kind.columns), strict=True
            )
        ],
        empty=kind.empty,
    )
    page = ListPage(
        kind=kind.label,
        title=kind.plural,
        crumbs=(),
        search=query.get("search", ""),
        filters=_filters(request, kind, actor, query),
        table=table,
        count=found.count,
        count_url=_url(request, count=listing.EXACT) if found.more else "",
        next_url=_url(request, after=found.next, before="") if found.next else "",
        previous_url=_url(request, before=found.previous, after="") if found.previous else "",
        exports=[
            Link(f, _url(request, export=f.lower(), after="", before="")) for f in ("CSV", "XLSX")
        ],
        actions=[as_action(o, "") for o in creation_offers(actor, kind.model)],
        hidden=[
            (k, str(v))
            for k, v in request.GET.items()
            if k not in {"search", "after", "before", "export", "count"}
        ],
    )
    if request.GET.get("export"):
        return _export(request, kind, query, request.GET["export"])
    return render(request, "ui/list.html", {"page": page})


def _query(request: HttpRequest, kind: RecordKind, actor: Actor) -> dict[str, str]:
    """Return the query with the site of the site switch where nothing else was asked."""
    query = {k: str(v) for k, v in request.GET.items()}
    site = request.session.get("site")
    if site and "site" not in query and any(f.name == "site" for f in filters_of(kind)):
        query["site"] = str(site)
    return query


def _url(request: HttpRequest, **changes: str) -> str:
    query = {**request.GET.dict(), **changes}
    return "?" + urlencode({k: v for k, v in query.items() if v != ""})


def _column(request: HttpRequest, kind: RecordKind, key: str) -> Column:
    spec = next(c for c in kind.columns if c.key == key)
    present = request.GET.get("sort", "")
    if not spec.sort:
        return Column(spec.key, spec.label, spec.kind)
    direction = {key: "asc", f"-{key}": "desc"}.get(present, "")
    target = f"-{key}" if direction == "asc" else key
    return Column(
        spec.key, spec.label, spec.kind, _url(request, sort=target, after="", before=""), direction
    )


def _filters(
    request: HttpRequest, kind: RecordKind, actor: Actor, query: dict[str, str]
) -> list[Filter]:
    made = []
    for spec in filters_of(kind):
        present = query.get(spec.name, "")
        options = [
            FilterOption(
                label=label,
                url=_url(
                    request,
                    **{spec.name: "" if str(value) == present else str(value)},
                    after="",
                    before="",
                ),
                active=str(value) == present,
                value=str(value),
            )
            for value, label in spec.choices(actor)
        ]
        made.append(Filter(spec.label, spec.name, options))
    return made


def as_action(offer: Offer, pk: object) -> Action:
    """Return an offer as the button of a page."""
    op = offer.operation
    url = f"/do/{op.code}/{pk}/" if op.subject else f"/do/{op.code}/"
    codes = {blocker.code for blocker in offer.blockers}
    return Action(
        code=op.code,
        label=op.title,
        url=url,
        blockers=offer.blockers,
        # A step that the state has left behind is nobody's next step.
        primary=(op.primary or bool(op.creates and not op.subject))
        and IllegalStep.code not in codes,
        danger=op.danger,
        signed=bool(op.signed_as),
    )


@require_safe
def record_page(request: HttpRequest, noun: str, pk: int) -> HttpResponse:
    """Show one record."""
    kind = kind_or_404(noun)
    actor = actor_of(request)
    record = kind.find(actor, pk)
    with reading():
        page = _record_page(kind, View(actor, record))
    return render(request, "ui/record.html", {"page": page, "record": record, "kind": kind})


def _record_page(kind: RecordKind, view: View) -> RecordPage:
    record = view.record
    return RecordPage(
        kind=capfirst(str(kind.label)),
        number=kind.number(record),
        title=kind.title(record) or kind.number(record),
        crumbs=[Link(kind.plural, f"/{kind.noun}/")],
        state=kind.state(record),
        badges=badges_of(kind, view),
        actions=[as_action(o, record.pk) for o in offers(view.actor, record)],
        facts=facts_of(kind, view),
        sections=[*sections_of(kind, view), *common_sections(view)],
        version=getattr(record, "row_version", None),
    )


def _export(
    request: HttpRequest, kind: RecordKind, query: dict[str, str], form: str
) -> HttpResponse:
    actor = actor_of(request)
    rows = listing.filtered(kind, actor, query).order_by("pk")
    security.note(
        SecurityEvent.Kind.EXPORTED,
        username=actor.username,
        user_id=actor.user_id,
        address=address_of(request),
        channel="web",
        request_id=request_id_of(request),
        detail={"noun": kind.noun, "format": form, "query": query},
    )
    table = _plain_rows(kind, rows)
    if form == "xlsx":
        response = HttpResponse(
            workbook(str(kind.plural), table),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    else:
        response = StreamingHttpResponse(_csv(table), content_type="text/csv; charset=utf-8")  # type: ignore[assignment]
    response["Content-Disposition"] = (
        f'attachment; filename="{kind.noun}.{"xlsx" if form == "xlsx" else "csv"}"'
    )
    return response


def _plain_rows(kind: RecordKind, rows: QuerySet[Any]) -> Iterator[list[str]]:
    yield [_("id"), *(str(c.label) for c in kind.columns)]
    records = rows.iterator(chunk_size=EXPORT_CHUNK)
    while some := list(islice(records, EXPORT_CHUNK)):
        for record, cells in zip(some, cells_of(kind, some, kind.columns), strict=True):
            yield [str(record.pk), *map(plain_value, cells)]


def _csv(rows: Iterator[list[str]]) -> Iterator[str]:
    yield "\ufeff"  # spreadsheets take UTF-8 for what it is only with this mark
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
