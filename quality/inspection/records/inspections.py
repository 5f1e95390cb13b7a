"""Inspections: list and page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register, url_of
from quality.inspection import queries
from quality.inspection.models import Inspection, InspectionResult, Stage
from quality.inspection.records.plans import limits, plan_link
from quality.inspection.states import INSPECTION, InspectionState
from traceability.records import lot_link, site_choices

RESULTS = (
    Column("verdict", _("Verdict"), "state"),
    Column("name", _("Characteristic")),
    Column("sample", _("Sample"), "number"),
    Column("value", _("Value"), "number"),
    Column("limits", _("Limits"), "number"),
    Column("instrument", _("Instrument"), "mono"),
    Column("by", _("Measured by")),
    Column("at", _("Measured"), "moment"),
)


def inspection_pill(inspection: Inspection) -> Pill:
    """Return what was decided."""
    state = InspectionState(inspection.state)
    return Pill(INSPECTION.labels[state], INSPECTION.tones[state])


def inspection_link(inspection: Inspection) -> Link:
    """Return the link to an inspection."""
    return Link(inspection.number, f"/inspections/{inspection.pk}/", mono=True)


def quantity(inspection: Inspection, field: str) -> Number | None:
    """Return one of the quantities of an inspection with its unit."""
    value = getattr(inspection, field)
    unit = inspection.lot.item.get_unit_display()
    return None if value is None else Number(plain(value), unit)


def inspections(actor: Actor) -> QuerySet[Inspection]:
    """Return the visible inspections with what their columns need."""
    rows = Inspection.objects.visible_to(actor)
    return rows.select_related("lot__item", "plan", "inspector", "site")


def result_pill(result: InspectionResult) -> Pill:
    """Return whether a result conforms; a replaced one is shown as such."""
    if hasattr(result, "retest"):
        return Pill(_("retested"), "draft", _("A later result of this sample counts."))
    return Pill(_("within limits"), "good") if result.within else Pill(_("out of limits"), "bad")


def result_value(result: InspectionResult) -> Any:
    """Return the value as it is shown: out of limits in red."""
    if result.value is None:
        word = _now("pass") if result.passed else _now("fail")
        return word if result.within else Pill(word, "bad")
    text, unit = plain(result.value), result.characteristic.unit
    return Number(text, unit) if result.within else Pill(f"{text} {unit}".strip(), "bad")


def instrument_link(result: InspectionResult) -> Link | str:
    """Return the link to the instrument of a result."""
    if result.instrument is None:
        return "–"
    return Link(result.instrument.code, url_of(result.instrument), mono=True)


def result_row(result: InspectionResult) -> Row:
    """Return one line of the table of results."""
    return Row(
        [
            result_pill(result),
            result.characteristic.name,
            Number(str(result.sample)),
            result_value(result),
            limits(result.characteristic) or "–",
            instrument_link(result),
            str(result.measured_by),
            Moment(result.measured_at),
        ]
    )


def _results(view: View) -> Section:
    rows = queries.results_of(view.record)
    shown, count = view.counted(rows)
    table = Table(
        RESULTS,
        [result_row(r) for r in shown],
        empty=_("No result yet. “Record results” takes them with the instrument used."),
    )
    return Section("results", _("Results"), table=table, count=count)


def _missing(view: View) -> Section | None:
    """Show which characteristics wait for results; the worklist of an open inspection."""
    inspection: Inspection = view.record
    if inspection.state != InspectionState.OPEN or inspection.plan is None:
        return None
    rows = [
        Row(
            [
                left.characteristic.name,
                Number(_now("%(done)s of %(needed)s") % {"done": left.done, "needed": left.needed}),
                limits(left.characteristic) or "–",
                left.characteristic.method or None,
                left.characteristic.instrument_class or "–",
            ]
        )
        for left in queries.unfinished([inspection.pk])
    ]
    columns = (
        Column("name", _("Characteristic")),
        Column("samples", _("Samples done"), "number"),
        Column("limits", _("Limits"), "number"),
        Column("method", _("Method")),
        Column("instrument", _("Instrument class")),
    )
    if not rows:
        return None
    table = Table(columns, rows)
    return Section("missing", _("Still to be inspected"), table=table, count=len(rows))


def _facts(view: View) -> list[Fact]:
    i: Inspection = view.record
    return [
        Fact(_("Lot or unit"), lot_link(i.lot)),
        Fact(
            _("Item"),
            [Link(i.lot.item.code, f"/items/{i.lot.item_id}/", mono=True), i.lot.item.name],
        ),
        Fact(_("Stage"), i.get_stage_display()),
        Fact(_("Inspection plan"), plan_link(i.plan) if i.plan else None),
        Fact(_("Basis of the sample size"), (i.plan.basis or None) if i.plan else None),
        Fact(_("Samples taken"), Number(str(queries.samples_of(i)))),
        Fact(_("Presented"), quantity(i, "quantity")),
        Fact(_("Accepted"), quantity(i, "accepted_quantity")),
        Fact(_("Rejected"), quantity(i, "rejected_quantity")),
        Fact(_("Opened"), Moment(i.opened_at)),
        Fact(_("Decided by"), str(i.inspector) if i.inspector else None),
        Fact(_("Decided"), Moment(i.decided_at) if i.decided_at else None),
        Fact(_("Remark"), i.remark or "–"),
        Fact(_("Site"), i.site.code),
    ]


def _text(value: Any) -> str | None:
    return None if value is None else plain(value)


def inspection_api(inspection: Inspection) -> dict[str, Any]:
    """Return the JSON form of an inspection."""
    return {
        "number": inspection.number,
        "lot_id": inspection.lot_id,
        "lot": inspection.lot.number,
        "item": inspection.lot.item.code,
        "stage": inspection.stage,
        "plan_id": inspection.plan_id,
        "state": inspection.state,
        "quantity": _text(inspection.quantity),
        "accepted_quantity": _text(inspection.accepted_quantity),
        "rejected_quantity": _text(inspection.rejected_quantity),
        "opened_at": inspection.opened_at.isoformat(),
        "decided_by": inspection.inspector.username if inspection.inspector else None,
        "decided_at": inspection.decided_at.isoformat() if inspection.decided_at else None,
        "site_id": inspection.site_id,
    }


def _by_readiness(rows: QuerySet[Inspection], value: str) -> QuerySet[Inspection]:
    return rows.to_measure() if value == "measure" else rows.to_decide()  # type: ignore[attr-defined,no-any-return]


register(
    RecordKind(
        model="quality.Inspection",
        noun="inspections",
        nav="quality",
        icon="checklist",
        label=_("inspection"),
        plural=_("Inspections"),
        rows=inspections,
        number=lambda i: i.number,
        title=lambda i: f"{i.lot.item.name} · {i.lot.number}",
        state=inspection_pill,
        columns=[
            ColumnSpec("state", _("State"), inspection_pill, "state"),
            ColumnSpec("number", _("Number"), inspection_link, "mono", "number"),
            ColumnSpec("lot", _("Lot or unit"), lambda i: lot_link(i.lot), "mono"),
            ColumnSpec("name", _("Name"), lambda i: i.lot.item.name),
            ColumnSpec("stage", _("Stage"), lambda i: i.get_stage_display()),
            ColumnSpec("quantity", _("Presented"), lambda i: quantity(i, "quantity"), "number"),
            ColumnSpec(
                "rejected",
                _("Rejected"),
                lambda i: quantity(i, "rejected_quantity") or "–",
                "number",
            ),
            ColumnSpec("opened", _("Opened"), lambda i: Moment(i.opened_at), "moment", "opened_at"),
            ColumnSpec("by", _("Decided by"), lambda i: str(i.inspector) if i.inspector else "–"),
        ],
        facts=_facts,
        sections=[_missing, _results],
        search=("number", "lot__number", "lot__supplier_lot", "lot__item__code", "lot__item__name"),
        filters=[
            FilterSpec("state", _("State"), lambda a: INSPECTION.choices(), "state"),
            FilterSpec("stage", _("Stage"), lambda a: Stage.choices, "stage"),
            FilterSpec(
                "waits",
                _("Waits for"),
                lambda a: [("measure", _("results")), ("decide", _("a decision"))],
                apply=_by_readiness,
            ),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        scan=("number",),
        api=inspection_api,
        evidence=True,
        empty=_(
            "Inspections open by themselves when goods arrive and when a work order is completed."
        ),
    )
)
