"""What inspection adds to the pages of lots, instruments and items."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.ui.page import Column, Moment, Row, Section, Table
from erp.ui.records import View, add_section
from quality.inspection import queries
from quality.inspection.models import InspectionPlan, InspectionResult
from quality.inspection.records.inspections import (
    inspection_link,
    inspection_pill,
    quantity,
    result_pill,
    result_value,
)
from quality.inspection.records.plans import limits, plan_link, plan_pill
from traceability.records import lot_link

OF_LOT = (
    Column("state", _("State"), "state"),
    Column("number", _("Number"), "mono"),
    Column("stage", _("Stage")),
    Column("presented", _("Presented"), "number"),
    Column("rejected", _("Rejected"), "number"),
    Column("by", _("Decided by")),
    Column("at", _("Decided"), "moment"),
)
OF_INSTRUMENT = (
    Column("verdict", _("Verdict"), "state"),
    Column("inspection", _("Inspection"), "mono"),
    Column("lot", _("Lot or unit"), "mono"),
    Column("name", _("Characteristic")),
    Column("value", _("Value"), "number"),
    Column("limits", _("Limits"), "number"),
    Column("by", _("Measured by")),
    Column("at", _("Measured"), "moment"),
)
OF_ITEM = (
    Column("state", _("State"), "state"),
    Column("number", _("Plan"), "mono"),
    Column("stage", _("Stage")),
    Column("at", _("Written"), "moment"),
)


def inspections_of_lot(view: View) -> Section | None:
    """List the inspections of a lot, those of the lot a unit belongs to included."""
    found = queries.about_lot(view.record)
    shown, count = view.counted(found)
    rows = [
        Row(
            [
                inspection_pill(i),
                inspection_link(i),
                i.get_stage_display(),
                quantity(i, "quantity"),
                quantity(i, "rejected_quantity") or "–",
                str(i.inspector) if i.inspector else "–",
                Moment(i.decided_at) if i.decided_at else "–",
            ],
            f"/inspections/{i.pk}/",
        )
        for i in shown
    ]
    if not rows:
        return None
    return Section("inspections", _("Inspections"), table=Table(OF_LOT, rows), count=count)


def results_of_instrument(view: View) -> Section:
    """List what was measured with an instrument, newest first."""
    found = InspectionResult.objects.filter(instrument=view.record)
    found = found.filter(inspection__site=view.record.site_id)
    newest = found.select_related(
        "inspection__lot", "characteristic", "measured_by", "retest"
    ).order_by("-measured_at", "-pk")
    shown, count = view.counted(newest)
    rows = [
        Row(
            [
                result_pill(r),
                inspection_link(r.inspection),
                lot_link(r.inspection.lot),
                r.characteristic.name,
                result_value(r),
                limits(r.characteristic) or "–",
                str(r.measured_by),
                Moment(r.measured_at),
            ],
            f"/inspections/{r.inspection_id}/",
        )
        for r in shown
    ]
    table = Table(OF_INSTRUMENT, rows, empty=_("No inspection result was measured with it."))
    note = ""
    if count > len(shown):
        facts = {"shown": len(shown), "count": count}
        note = _now("The latest %(shown)s of %(count)s; the trace from here shows all.") % facts
    return Section(
        "results",
        _("Results measured with it"),
        table=table,
        count=count,
        note=note,
        tells_of_others=True,
    )


def plans_of_item(view: View) -> Section | None:
    """List the plans in force for an item."""
    found = InspectionPlan.objects.effective().filter(item=view.record).order_by("stage", "pk")
    rows = [
        Row([plan_pill(p), plan_link(p), p.get_stage_display(), Moment(p.written_at)])
        for p in view.first(found)
    ]
    if not rows:
        return None
    table = Table(OF_ITEM, rows)
    return Section("inspection-plans", _("Inspection plans"), table=table, count=len(rows))


add_section("traceability.Lot", 40, inspections_of_lot)
add_section("equipment.Instrument", 60, results_of_instrument)
add_section("masterdata.Item", 55, plans_of_item)
