"""Inspection plans: list and page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from quality.inspection.models import Characteristic, InspectionPlan, Stage
from quality.inspection.states import PLAN, PlanState

CHARACTERISTICS = (
    Column("position", _("No."), "number"),
    Column("name", _("Characteristic")),
    Column("kind", _("Kind")),
    Column("limits", _("Limits"), "number"),
    Column("samples", _("Samples"), "number"),
    Column("method", _("Method")),
    Column("instrument", _("Instrument class")),
)


def plan_pill(plan: InspectionPlan) -> Pill:
    """Return whether a plan is in force."""
    state = PlanState(plan.state)
    return Pill(PLAN.labels[state], PLAN.tones[state])


def plan_link(plan: InspectionPlan) -> Link:
    """Return the link to a plan with its revision."""
    text = _now("%(number)s rev. %(revision)s") % {"number": plan.number, "revision": plan.revision}
    return Link(text, f"/inspection-plans/{plan.pk}/", mono=True)


def item_link(plan: InspectionPlan) -> Link:
    """Return the link to the item of a plan."""
    return Link(plan.item.code, f"/items/{plan.item_id}/", mono=True)


def limits(characteristic: Characteristic) -> Number | None:
    """Return the limits in words: ``9.9 – 10.1 mm``, ``≥ 5 N``; nothing where it is judged."""
    lower, upper = characteristic.lower, characteristic.upper
    if lower is not None and upper is not None:
        return Number(f"{plain(lower)} – {plain(upper)}", characteristic.unit)
    if lower is not None:
        return Number(f"≥ {plain(lower)}", characteristic.unit)
    if upper is not None:
        return Number(f"≤ {plain(upper)}", characteristic.unit)
    return None


def plans(actor: Actor) -> QuerySet[InspectionPlan]:
    """Return the visible plans with what their columns need."""
    found = InspectionPlan.objects.visible_to(actor).select_related("item", "written_by")
    return found.prefetch_related("characteristics")


def _characteristics(view: View) -> Section:
    rows = [
        Row(
            [
                Number(str(c.position)),
                c.name,
                c.get_kind_display(),
                limits(c) or "–",
                Number(str(c.samples)),
                c.method or None,
                c.instrument_class or "–",
            ]
        )
        for c in view.record.characteristics.all()
    ]
    table = Table(CHARACTERISTICS, rows)
    return Section("characteristics", _("Characteristics"), table=table, count=len(rows))


def _revisions(view: View) -> Section | None:
    plan: InspectionPlan = view.record
    others = InspectionPlan.objects.filter(item=plan.item_id, stage=plan.stage).exclude(pk=plan.pk)
    rows = [
        Row([plan_pill(p), plan_link(p), str(p.written_by), Moment(p.written_at)])
        for p in view.first(others.select_related("written_by").order_by("-revision"))
    ]
    columns = (
        Column("state", _("State"), "state"),
        Column("number", _("Plan"), "mono"),
        Column("by", _("Written by")),
        Column("at", _("Written"), "moment"),
    )
    if not rows:
        return None
    return Section("revisions", _("Other revisions"), table=Table(columns, rows), count=len(rows))


def _facts(view: View) -> list[Fact]:
    plan: InspectionPlan = view.record
    return [
        Fact(_("Item"), [item_link(plan), plan.item.name]),
        Fact(_("Stage"), plan.get_stage_display()),
        Fact(_("Revision"), str(plan.revision)),
        Fact(_("Basis of the sample size"), plan.basis or None),
        Fact(_("Written by"), str(plan.written_by)),
        Fact(_("Written"), Moment(plan.written_at)),
    ]


def plan_api(plan: InspectionPlan) -> dict[str, Any]:
    """Return the JSON form of a plan."""
    return {
        "number": plan.number,
        "item_id": plan.item_id,
        "item": plan.item.code,
        "stage": plan.stage,
        "revision": plan.revision,
        "state": plan.state,
        "basis": plan.basis,
        "written_by": plan.written_by.username,
        "written_at": plan.written_at.isoformat(),
        "characteristics": [
            {
                "id": c.pk,
                "code": c.code,
                "position": c.position,
                "name": c.name,
                "kind": c.kind,
                "method": c.method,
                "lower": plain(c.lower) if c.lower is not None else None,
                "upper": plain(c.upper) if c.upper is not None else None,
                "unit": c.unit,
                "samples": c.samples,
                "instrument_class": c.instrument_class,
            }
            for c in plan.characteristics.all()
        ],
    }


register(
    RecordKind(
        model="quality.InspectionPlan",
        noun="inspection-plans",
        nav="quality",
        icon="ruler-2",
        label=_("inspection plan"),
        plural=_("Inspection plans"),
        rows=plans,
        number=lambda p: p.number,
        title=lambda p: p.item.name,
        state=plan_pill,
        columns=[
            ColumnSpec("state", _("State"), plan_pill, "state"),
            ColumnSpec("number", _("Plan"), plan_link, "mono", "number"),
            ColumnSpec("item", _("Item"), item_link, "mono"),
            ColumnSpec("name", _("Name"), lambda p: p.item.name),
            ColumnSpec("stage", _("Stage"), lambda p: p.get_stage_display()),
            ColumnSpec("at", _("Written"), lambda p: Moment(p.written_at), "moment", "written_at"),
        ],
        facts=_facts,
        sections=[_characteristics, _revisions],
        search=("number", "item__code", "item__name"),
        filters=[
            FilterSpec("state", _("State"), lambda a: PLAN.choices(), "state"),
            FilterSpec("stage", _("Stage"), lambda a: Stage.choices, "stage"),
        ],
        scan=("number",),
        api=plan_api,
        empty=_("A plan says what is inspected of an item, against which limits and with what."),
    )
)
