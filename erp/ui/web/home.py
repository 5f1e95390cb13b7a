"""The home page: what waits for me, what is blocked, a few figures, what happened last."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.models import OperationLog
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.operations.registry import REGISTRY
from erp.ui.home import SOURCES, TILES, TaskSource
from erp.ui.page import Column, HomePage, Row, Table, TaskGroup, TimelineEntry
from erp.ui.records import KINDS, cells_of, counted, of_model
from erp.ui.request import actor_of

ROWS_SHOWN = 5
COLUMNS_SHOWN = 4
ACTIVITY_SHOWN = 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page of the signed-in person."""
    actor = actor_of(request)
    page = HomePage(
        greeting=_("Good day, %(name)s") % {"name": actor.name},
        # A figure of zero needs nobody; what is shown is worth a look.
        tiles=[tile for tiles in TILES for tile in tiles(actor) if tile.value != "0"],
        tasks=_groups(actor, blocked=False),
        blocked=_groups(actor, blocked=True),
        activity=_activity(actor),
    )
    return render(request, "ui/home.html", {"page": page})


def _groups(actor: Actor, *, blocked: bool) -> list[TaskGroup]:
    mine = [
        s for s in SOURCES if s.blocked == blocked and (not s.permission or actor.may(s.permission))
    ]
    groups = [_group(source, actor) for source in mine]
    return [g for g in groups if g.count]


def _group(source: TaskSource, actor: Actor) -> TaskGroup:
    kind = KINDS[source.noun]
    found, count = counted(source.rows(actor), ROWS_SHOWN)
    specs = kind.columns[:COLUMNS_SHOWN]
    cells = cells_of(kind, found, specs)
    shown = [Row(c, kind.url(r.pk), str(r.pk)) for r, c in zip(found, cells, strict=True)]
    table = Table([Column(s.key, s.label, s.kind) for s in specs], shown)
    url = f"/{source.noun}/" + (f"?{source.query}" if source.query else "")
    return TaskGroup(source.title, count, table, url, source.tone, source.icon or kind.icon)


def _activity(actor: Actor) -> Sequence[TimelineEntry]:
    rows = OperationLog.objects.filter(site_filter(actor)).order_by("-at")[:ACTIVITY_SHOWN]
    return [
        TimelineEntry(
            at=row.at,
            title=REGISTRY[row.code].title if row.code in REGISTRY else row.code,
            detail=row.subject_label,
            who=row.actor_name,
            url=_url(row),
        )
        for row in rows
    ]


def _url(row: OperationLog) -> str:
    kind = of_model(row.subject_model)
    return kind.url(row.subject_pk) if kind else ""
