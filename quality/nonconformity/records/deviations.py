"""Deviations: list and page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register, url_of
from quality.nonconformity.concessions import CONCEDED
from quality.nonconformity.models import Concession, Deviation, DeviationLot
from quality.nonconformity.states import DEVIATION, DeviationState
from traceability.models import Lot
from traceability.records import lot_link, lot_pill, site_choices

SEVERITY_TONES = {
    Deviation.Severity.MINOR: "info",
    Deviation.Severity.MAJOR: "waiting",
    Deviation.Severity.CRITICAL: "bad",
}
JOINED = ("site", "hold", "inspection", "calibration", "cycle", "opened_by", "reviewed_by")
DECIDED = ("decided_by", "closed_by", "concession", "concession__approved_by")
COVERED = (
    "concession__supplies__supplier",
    "concession__supplies__item",
    "concession__instruments__instrument",
)


def deviation_pill(deviation: Deviation) -> Pill:
    """Return where a deviation stands."""
    state = DeviationState(deviation.state)
    return Pill(DEVIATION.labels[state], DEVIATION.tones[state])


def severity_pill(deviation: Deviation) -> Pill:
    """Return how grave it is."""
    severity = Deviation.Severity(deviation.severity)
    return Pill(severity.label, SEVERITY_TONES[severity])


def deviation_link(deviation: Deviation) -> Link:
    """Return the link to a deviation."""
    return Link(deviation.number, f"/deviations/{deviation.pk}/", mono=True)


def deviations(actor: Actor) -> QuerySet[Deviation]:
    """Return the visible deviations with what their columns and facts need."""
    rows = Deviation.objects.visible_to(actor).select_related(*JOINED, *DECIDED)
    return rows.prefetch_related(*COVERED)


def _source(deviation: Deviation) -> Link | str | None:
    """Return what found it: the record where there is one, else the words given."""
    for record in (deviation.inspection, deviation.calibration, deviation.cycle):
        if record is not None:
            return Link(str(record), url_of(record), mono=True)
    return deviation.source or None


def _decided(deviation: Deviation) -> str | None:
    return deviation.get_disposition_display() if deviation.disposition else None


def _facts(view: View) -> list[Fact]:
    d: Deviation = view.record
    hold = Link(d.hold.number, f"/holds/{d.hold.pk}/", mono=True) if d.hold else "–"
    return [
        Fact(_("Kind"), d.get_kind_display()),
        Fact(_("Severity"), severity_pill(d)),
        Fact(_("Site"), d.site.code),
        Fact(_("Source"), _source(d)),
        Fact(_("Detected"), Moment(d.detected_at)),
        Fact(_("Opened by"), str(d.opened_by)),
        Fact(_("Hold"), hold),
        Fact(_("What was found"), d.description or None),
        Fact(_("Evaluation"), d.evaluation or None),
        Fact(_("Who outside must be told, or why nobody"), d.notify or None),
        Fact(_("Reviewed by"), str(d.reviewed_by) if d.reviewed_by else None),
        Fact(_("Disposition"), _decided(d)),
        Fact(_("Justification"), d.justification or None),
        Fact(_("Disposition by"), str(d.decided_by) if d.decided_by else None),
        *([Fact(_("Rework instruction"), d.instruction)] if d.instruction else []),
        Fact(_("What was done"), d.outcome or None),
        Fact(_("Closed by"), str(d.closed_by) if d.closed_by else None),
        Fact(_("Closed"), Moment(d.closed_at) if d.closed_at else None),
    ]


def _quantity(link: DeviationLot) -> Number | str:
    if link.quantity is None:
        return str(_("all of it"))
    return Number(plain(link.quantity), link.lot.item.get_unit_display())


def _lots(view: View) -> Section:
    visible = Lot.objects.visible_to(view.actor)
    links = DeviationLot.objects.filter(deviation=view.record, lot__in=visible)
    shown, count = view.counted(links.select_related("lot__item").order_by("lot__number", "pk"))
    rows = [
        Row([lot_pill(x.lot), lot_link(x.lot), x.lot.item.name, _quantity(x)], f"/lots/{x.lot_id}/")
        for x in shown
    ]
    columns = (
        Column("state", _("State"), "state"),
        Column("lot", _("Lot or unit"), "mono"),
        Column("name", _("Name")),
        Column("quantity", _("Concerned"), "number"),
    )
    whole = Link(_("All of them in the trace"), f"/trace/?start=deviation:{view.record.number}")
    more = whole if count > len(rows) else None
    table = Table(columns, rows, empty=_("It concerns no lot."), more=more)
    title = _("Lots and units concerned")
    return Section("lots", title, table=table, count=count, tells_of_others=True)


def _concession(view: View) -> Section | None:
    concession = getattr(view.record, "concession", None)
    if concession is None:
        return None
    return Section(
        "concession",
        _("Concession"),
        facts=[
            Fact(_("Number"), Link(concession.number, mono=True)),
            Fact(_("May be done"), CONCEDED.get(concession.gate, concession.gate)),
            *_conceded_lots(view, concession),
            *_supplies(view, concession),
            *_instruments(view, concession),
            Fact(_("Valid from"), concession.valid_from.isoformat()),
            Fact(_("Valid until"), concession.valid_until.isoformat()),
            Fact(_("Justification"), concession.justification),
            Fact(_("Approved by"), str(concession.approved_by)),
            Fact(_("Approved"), Moment(concession.approved_at)),
        ],
    )


def _conceded_lots(view: View, concession: Concession) -> list[Fact]:
    lots = concession.lots.select_related("lot").order_by("lot__number", "pk")
    shown, count = view.counted(lots)
    if not shown:
        return []
    links: list[Any] = [lot_link(x.lot) for x in shown]
    if count > len(shown):
        left = count - len(shown)
        links.append(ngettext("and %(n)s more", "and %(n)s more", left) % {"n": left})
    return [Fact(_("Lots and units"), links)]


def _supplies(view: View, concession: Concession) -> list[Fact]:
    supplies = concession.supplies.select_related("supplier", "item").order_by("item__code")
    shown = view.first(supplies)
    if not shown:
        return []
    items = [Link(x.item.code, url_of(x.item), mono=True) for x in shown]
    supplier = shown[0].supplier
    return [
        Fact(_("Supplier"), Link(str(supplier), url_of(supplier))),
        Fact(_("Items"), items),
    ]


def _instruments(view: View, concession: Concession) -> list[Fact]:
    named = concession.instruments.select_related("instrument").order_by("instrument__code")
    shown = view.first(named)
    links = [Link(x.instrument.code, url_of(x.instrument), mono=True) for x in shown]
    return [Fact(_("Instruments"), links)] if links else []


def _concession_api(concession: Concession) -> dict[str, Any]:
    """Return a concession in JSON; its lots, which may be many, stand on its page."""
    return {
        "number": concession.number,
        "gate": concession.gate,
        "valid_from": concession.valid_from.isoformat(),
        "valid_until": concession.valid_until.isoformat(),
        "supplies": [
            {"supplier": x.supplier.code, "item": x.item.code} for x in concession.supplies.all()
        ],
        "instruments": [x.instrument.code for x in concession.instruments.all()],
    }


def deviation_api(deviation: Deviation) -> dict[str, Any]:
    """Return the JSON form of a deviation."""
    concession = getattr(deviation, "concession", None)
    return {
        "number": deviation.number,
        "kind": deviation.kind,
        "title": deviation.title,
        "description": deviation.description,
        "severity": deviation.severity,
        "state": deviation.state,
        "disposition": deviation.disposition or None,
        "inspection_id": deviation.inspection_id,
        "calibration_id": deviation.calibration_id,
        "cycle_id": deviation.cycle_id,
        "hold_id": deviation.hold_id,
        "detected_at": deviation.detected_at.isoformat(),
        "closed_at": deviation.closed_at.isoformat() if deviation.closed_at else None,
        "concession": concession.number if concession else None,
        "conceded": _concession_api(concession) if concession else None,
        "site_id": deviation.site_id,
    }


def _open_or_not(rows: QuerySet[Deviation], value: str) -> QuerySet[Deviation]:
    if value == "yes":
        return rows.exclude(state=DeviationState.CLOSED)
    return rows.filter(state=DeviationState.CLOSED)


register(
    RecordKind(
        model="quality.Deviation",
        noun="deviations",
        nav="quality",
        icon="alert-octagon",
        label=_("deviation"),
        plural=_("Deviations"),
        rows=deviations,
        number=lambda d: d.number,
        title=lambda d: d.title,
        state=deviation_pill,
        columns=[
            ColumnSpec("state", _("State"), deviation_pill, "state"),
            ColumnSpec("number", _("Number"), deviation_link, "mono", "number"),
            ColumnSpec("title", _("Title"), lambda d: d.title),
            ColumnSpec("severity", _("Severity"), severity_pill, "state"),
            ColumnSpec("kind", _("Kind"), lambda d: d.get_kind_display()),
            ColumnSpec("disposition", _("Disposition"), lambda d: _decided(d) or "–"),
            ColumnSpec(
                "at", _("Detected"), lambda d: Moment(d.detected_at), "moment", "detected_at"
            ),
            ColumnSpec("by", _("Opened by"), lambda d: str(d.opened_by)),
        ],
        facts=_facts,
        sections=[_lots, _concession],
        search=("number", "title", "description", "lots__lot__number"),
        filters=[
            FilterSpec("state", _("State"), lambda a: DEVIATION.choices(), "state"),
            FilterSpec(
                "open",
                _("Open"),
                lambda a: [("yes", _("open")), ("no", pgettext_lazy("state", "closed"))],
                apply=_open_or_not,
            ),
            FilterSpec("severity", _("Severity"), lambda a: Deviation.Severity.choices, "severity"),
            FilterSpec("kind", _("Kind"), lambda a: Deviation.Kind.choices, "kind"),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        scan=("number",),
        api=deviation_api,
        evidence=True,
        empty=_(
            "No deviation so far. A failed inspection, calibration or process opens one by itself."
        ),
    )
)


def _waiting(actor: Actor, state: DeviationState) -> QuerySet[Deviation]:
    return deviations(actor).filter(state=state).order_by("detected_at", "pk")


add_tasks(
    TaskSource(
        code="quality.deviations-review",
        title=_("Deviations to review"),
        permission="quality.review_deviation",
        noun="deviations",
        rows=lambda a: _waiting(a, DeviationState.OPEN),
        query="state=open",
        icon="alert-octagon",
        tone="bad",
    )
)
add_tasks(
    TaskSource(
        code="quality.deviations-decide",
        title=_("Deviations waiting for a disposition"),
        permission="quality.disposition_deviation",
        noun="deviations",
        rows=lambda a: _waiting(a, DeviationState.UNDER_REVIEW),
        query="state=under_review",
        icon="scale",
    )
)
add_tasks(
    TaskSource(
        code="quality.deviations-close",
        title=_("Deviations to close"),
        permission="quality.close_deviation",
        noun="deviations",
        rows=lambda a: _waiting(a, DeviationState.DISPOSITIONED),
        query="state=dispositioned",
        icon="circle-check",
    )
)
