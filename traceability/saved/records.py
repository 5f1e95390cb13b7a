"""Pages of saved traces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.models import Lot
from traceability.records import lot_link
from traceability.saved import content, questions
from traceability.saved.models import SavedTrace, SavedTraceLot
from traceability.states import LOT, LotState
from traceability.trace.answer import DIRECTIONS, Direction

PROVED_AT_ONCE = 20_000
"""Rows up to which the page computes the hash itself; of larger ones it is asked for."""


def complete_pill(saved: SavedTrace) -> Pill:
    """Return whether the answer was complete for whoever saved it."""
    return Pill(_("complete"), "good") if saved.complete else Pill(_("not complete"), "waiting")


def saved_link(saved: SavedTrace) -> Link:
    """Return the link to a saved trace by its number."""
    return Link(saved.number, f"/saved-traces/{saved.pk}/", mono=True)


def _rows(actor: Actor) -> QuerySet[SavedTrace]:
    return SavedTrace.objects.visible_to(actor).select_related("saved_by")


def _proof(saved: SavedTrace) -> Any:
    if saved.lots + saved.units + saved.links > PROVED_AT_ONCE:
        return Link(_("compute it anew"), reverse("saved-trace-verify", args=[saved.pk]))
    if content.is_unchanged(saved):
        return Pill(_("unchanged since it was saved"), "good")
    return Pill(_("changed: it no longer has its hash"), "bad")


def _facts(view: View) -> Sequence[Fact]:
    saved: SavedTrace = view.record
    gaps = [gap["detail"] for gap in saved.gaps]
    facts = [
        Fact(_("Question"), Link(saved.question, questions.address(saved))),
        Fact(_("Answer"), saved.answer),
        Fact(_("Direction"), DIRECTIONS[Direction(saved.direction)]),
        Fact(_("As known at"), Moment(saved.known_at)),
        Fact(_("Saved by"), str(saved.saved_by)),
        Fact(_("Saved"), Moment(saved.saved_at)),
        Fact(_("Lots"), Number(str(saved.lots))),
        Fact(_("Units"), Number(str(saved.units))),
        Fact(_("Links"), Number(str(saved.links))),
        Fact("SHA-256", Link(saved.sha256, mono=True)),
        Fact(_("Content"), _proof(saved)),
    ]
    return [*facts, Fact(_("Not complete"), gaps)] if gaps else facts


def _use(view: View) -> Section:
    saved: SavedTrace = view.record
    same = SavedTrace.objects.visible_to(view.actor).filter(
        start=saved.start, direction=saved.direction
    )
    others = same.exclude(pk=saved.pk).select_related("saved_by").order_by("-saved_at")[:20]
    context = {
        "saved": saved,
        "again": questions.address(saved),
        "then": questions.address(saved, as_known=True),
        "others": list(others),
    }
    return Section("use", _("What changed since"), template="saved/_use.html", context=context)


def _lots(view: View) -> Section:
    saved: SavedTrace = view.record
    rows = saved.nodes.select_related("lot__item", "why_lot").order_by("level", "lot__number")
    shown = list(rows if view.full else rows[:50])
    columns = [
        Column("level", _("Steps"), "number"),
        Column("lot", _("Lot or unit"), "mono"),
        Column("item", _("Item"), "mono"),
        Column("name", _("Name")),
        Column("state", _("State then"), "state"),
        Column("why", _("Why it is in")),
    ]
    total = saved.nodes.count()
    more = None
    if total > len(shown):
        more = Link(
            _now("All %(count)s lots and units (CSV)") % {"count": total},
            reverse("saved-trace-lots", args=[saved.pk, "csv"]),
        )
    table = Table(columns, [_lot_row(node) for node in shown], more=more)
    return Section("lots", _("Lots and units"), table=table, count=total)


def _lot_row(node: SavedTraceLot) -> Row:
    state = LotState(node.state)
    item = node.lot.item
    return Row(
        [
            Number(f"{node.level:+d}" if node.level else "0"),
            lot_link(node.lot),
            Link(item.code, f"/items/{item.pk}/", mono=True),
            item.name,
            Pill(LOT.labels[state], LOT.tones[state]),
            _why(node),
        ]
    )


def _why(node: SavedTraceLot) -> Any:
    if not node.level:
        return _("start")
    if node.why_lot is None:
        return "–"
    if node.why_event_id is None:
        return [_("belongs to"), lot_link(node.why_lot)]
    event = Link(f"#{node.why_event_id}", f"/trace-events/{node.why_event_id}/", mono=True)
    return [event, lot_link(node.why_lot)]


def saved_api(saved: SavedTrace) -> Mapping[str, Any]:
    """Return the JSON form of a saved trace; its rows are read from its files."""
    return {
        "number": saved.number,
        "title": saved.title,
        "question": saved.question,
        "answer": saved.answer,
        "start": saved.start,
        "direction": saved.direction,
        "since": saved.since.isoformat() if saved.since else None,
        "until": saved.until.isoformat() if saved.until else None,
        "depth": saved.depth,
        "known_at": saved.known_at.isoformat(),
        "complete": saved.complete,
        "gaps": saved.gaps,
        "lots": saved.lots,
        "units": saved.units,
        "links": saved.links,
        "sha256": saved.sha256,
        "saved_by": saved.saved_by.username,
        "saved_at": saved.saved_at.isoformat(),
        "lots_file": reverse("saved-trace-lots", args=[saved.pk, "csv"]),
        "links_file": reverse("saved-trace-links", args=[saved.pk, "csv"]),
        "compare": f"{reverse('api-trace-compare')}?saved={saved.pk}",
    }


SAVED = register(
    RecordKind(
        model="traceability.SavedTrace",
        noun="saved-traces",
        nav="audit",
        icon="file-diff",
        label=_("saved trace"),
        plural=_("Saved traces"),
        rows=_rows,
        number=lambda s: s.number,
        title=lambda s: s.title,
        state=complete_pill,
        columns=[
            ColumnSpec("state", _("State"), complete_pill, "state"),
            ColumnSpec("number", _("Number"), saved_link, "mono", "number"),
            ColumnSpec("title", _("Title"), lambda s: s.title),
            ColumnSpec("lots", _("Lots"), lambda s: Number(str(s.lots)), "number", "lots"),
            ColumnSpec("units", _("Units"), lambda s: Number(str(s.units)), "number", "units"),
            ColumnSpec("by", _("Saved by"), lambda s: str(s.saved_by)),
            ColumnSpec(
                "known",
                _("As known at"),
                lambda s: Moment(s.known_at),
                "moment",
                "known_at",
            ),
        ],
        facts=_facts,
        sections=[_use, _lots],
        search=("number", "title", "question"),
        filters=[
            FilterSpec(
                "direction",
                _("Direction"),
                lambda a: [(d.value, label) for d, label in DIRECTIONS.items()],
                "direction",
            )
        ],
        scan=("number",),
        api=saved_api,
        empty=_("Save a trace to keep its answer, and to see later what has changed."),
    )
)


def lots_of(saved: SavedTrace, actor: Actor) -> QuerySet[SavedTraceLot]:
    """Return the lots of a saved trace that the actor may see still, in reading order."""
    rows = saved.nodes.all()
    if not actor.sees_everything:
        rows = rows.filter(lot__in=Lot.objects.visible_to(actor))
    return rows.order_by("level", "lot_id")
