"""Event queries, and who is told what they find."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.accounts.queries import site_or_own_filter
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register, url_of
from traceability.epcis.models import (
    EventQuery,
    EventSubscription,
)
from traceability.epcis.records.events import document_section
from traceability.epcis.states import SUBSCRIPTION, SubscriptionState


def _query_text(view: View) -> Section:
    return document_section("query", _("Query"), view.record.query)


def _query_pill(found: EventQuery) -> Pill:
    return Pill(_("removed"), "draft") if found.removed_at else Pill(_("in use"), "good")


register(
    RecordKind(
        model="traceability.EventQuery",
        noun="event-queries",
        nav="exchange",
        icon="zoom-check",
        label=_("event query"),
        plural=_("Event queries"),
        rows=lambda actor: EventQuery.objects.select_related("defined_by"),
        number=lambda q: q.name,
        state=_query_pill,
        columns=[
            ColumnSpec("state", _("State"), _query_pill, "state"),
            ColumnSpec(
                "name", _("Name"), lambda q: Link(q.name, url_of(q), mono=True), "mono", "name"
            ),
            ColumnSpec("by", _("Defined by"), lambda q: q.defined_by.name),
            ColumnSpec("at", _("Defined"), lambda q: Moment(q.created_at), "moment", "created_at"),
        ],
        facts=lambda view: [
            Fact(_("Defined by"), view.record.defined_by.name),
            Fact(_("Defined"), Moment(view.record.created_at)),
            Fact(_("Events now"), Link(_now("Open"), f"/epcis/queries/{view.record.name}/events")),
        ],
        sections=[_query_text],
        search=("name",),
        api=lambda q: {
            "name": q.name,
            "query": q.query,
            "removed_at": q.removed_at.isoformat() if q.removed_at else None,
        },
        empty=_("Queries that partners ask again and subscribe to stand here."),
    )
)


def _subscription_pill(found: EventSubscription) -> Pill:
    state = SubscriptionState(found.state)
    return Pill(SUBSCRIPTION.labels[state], SUBSCRIPTION.tones[state])


def _when(found: EventSubscription) -> str:
    if found.stream:
        return _now("at once")
    return ", ".join(f"{part} {value}" for part, value in found.schedule.items())


def _deliveries(view: View) -> Section:
    rows = view.record.deliveries.order_by("-at", "-pk")
    table = Table(
        [
            Column("at", _("When"), "moment"),
            Column("told", _("Told"), "state"),
            Column("events", _("Events"), "number"),
            Column("status", _("Answer"), "number"),
            Column("error", _("Error")),
        ],
        [
            Row(
                [
                    Moment(d.at),
                    Pill(_("yes"), "good") if d.delivered else Pill(_("no"), "bad"),
                    Number(str(d.count)),
                    str(d.status or "–"),
                    d.error or "–",
                ]
            )
            for d in view.first(rows)
        ],
        _now("Nothing was sent yet."),
    )
    return Section("deliveries", _("Deliveries"), table=table, count=rows.count())


register(
    RecordKind(
        model="traceability.EventSubscription",
        noun="event-subscriptions",
        nav="exchange",
        icon="webhook",
        label=_("event subscription"),
        plural=_("Event subscriptions"),
        rows=lambda actor: EventSubscription.objects.filter(
            site_or_own_filter(actor, site="subscribed_by__home_site", own="subscribed_by")
        ).select_related("query", "subscribed_by"),
        number=lambda s: s.number[:8],
        title=lambda s: s.dest,
        state=_subscription_pill,
        columns=[
            ColumnSpec("state", _("State"), _subscription_pill, "state"),
            ColumnSpec("number", _("Number"), lambda s: Link(s.number[:8], url_of(s)), "mono"),
            ColumnSpec(
                "query", _("Query"), lambda s: Link(s.query.name, url_of(s.query), mono=True)
            ),
            ColumnSpec("dest", _("Address"), lambda s: s.dest),
            ColumnSpec("when", _("When"), _when),
            ColumnSpec(
                "told",
                _("Last told"),
                lambda s: Moment(s.last_notified_at) if s.last_notified_at else None,
                "moment",
            ),
        ],
        facts=lambda view: [
            Fact(_("Query"), Link(view.record.query.name, url_of(view.record.query), mono=True)),
            Fact(_("Address"), Link(view.record.dest, mono=True)),
            Fact(_("When"), _when(view.record)),
            Fact(_("Subscribed by"), view.record.subscribed_by.name),
            Fact(_("Subscribed"), Moment(view.record.created_at)),
            Fact(_("With signature"), _("yes") if view.record.password else _("no")),
        ],
        sections=[_deliveries],
        search=("dest", "query__name"),
        filters=[FilterSpec("state", _("State"), lambda a: SUBSCRIPTION.choices(), "state")],
        api=lambda s: {
            "subscription_id": s.number,
            "query": s.query.name,
            "dest": s.dest,
            "stream": s.stream,
            "schedule": s.schedule,
            "state": s.state,
            "last_notified_at": s.last_notified_at.isoformat() if s.last_notified_at else None,
        },
        empty=_("Whoever wants to be told of new events stands here."),
    )
)
