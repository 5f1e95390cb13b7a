"""Releases: list and page, the release on a lot's page, batches that wait."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import (
    ColumnSpec,
    FilterSpec,
    RecordKind,
    View,
    add_filter,
    add_section,
    register,
)
from quality.inspection.models import Stage
from quality.inspection.states import INSPECTION, InspectionState
from quality.nonconformity.states import DEVIATION, DeviationState
from quality.release import queries
from quality.release.models import LotRelease
from traceability.models import Lot
from traceability.records import lot_link, site_choices

TONES = {LotRelease.Decision.RELEASED: "good", LotRelease.Decision.REJECTED: "bad"}
CHECKS = {
    "traceability.gates.expired": _("in date"),
    "traceability.labels.gates.labels_not_reconciled": _("labels printed for it reconciled"),
    "traceability.corrections.gates.was_never_made": _("its making stands"),
    "erp.inventory.gates.on_hold": _("under no hold"),
    "erp.inventory.gates.made_of_held": _("made of nothing on hold"),
    "erp.production.gates.work_order_open": _("work order completed"),
    "erp.production.gates.process_not_conforming": _("special processes it needs conform"),
    "quality.inspection.gates.inspection_open": _("every inspection opened for it decided"),
    "quality.nonconformity.gates.inspection_failed": _("no inspection failed"),
    "quality.nonconformity.gates.deviation_open": _("no deviation open"),
}
"""The checks of the release gate in words."""


def release_pill(release: LotRelease) -> Pill:
    """Return what was decided."""
    decision = LotRelease.Decision(release.decision)
    return Pill(decision.label, TONES[decision])


def release_link(release: LotRelease) -> Link:
    """Return the link to a release."""
    return Link(release.number, f"/releases/{release.pk}/", mono=True)


def _releases(actor: Actor) -> QuerySet[LotRelease]:
    return LotRelease.objects.visible_to(actor).select_related("lot__item", "decided_by", "site")


def _quantity(release: LotRelease) -> Number:
    return Number(plain(release.quantity), release.lot.item.get_unit_display())


def _facts(view: View) -> list[Fact]:
    r: LotRelease = view.record
    return [
        Fact(_("Lot or unit"), lot_link(r.lot)),
        Fact(_("Item"), Link(r.lot.item.code, f"/items/{r.lot.item_id}/", mono=True)),
        Fact(_("Quantity"), _quantity(r)),
        Fact(_("Units"), Number(str(r.content.get("units", 0)))),
        Fact(_("Authorised by"), str(r.decided_by)),
        Fact(_("Decided"), Moment(r.decided_at)),
        Fact(_("Comment"), r.comment or "–"),
        Fact(_("Site"), r.site.code),
    ]


def _verdict(value: str) -> Pill:
    return Pill(_("nothing against it"), "good") if value == "ok" else Pill(value, "waiting")


def _checks(view: View) -> Section | None:
    checks = view.record.checks
    if not checks:
        return None
    rows = [Row([_verdict(value), CHECKS.get(name, name)]) for name, value in checks.items()]
    columns = (Column("verdict", _("Result"), "state"), Column("check", _("Checked")))
    return Section("checks", _("What was checked"), table=Table(columns, rows), count=len(rows))


def _evidence(view: View) -> Section:
    content = view.record.content
    rows = [
        *(_inspection(i) for i in content.get("inspections", ())),
        *(_cycle(c) for c in content.get("process_cycles", ())),
        *(_deviation(d) for d in content.get("deviations", ())),
    ]
    columns = (
        Column("state", _("Verdict"), "state"),
        Column("number", _("Number"), "mono"),
        Column("what", _("Evidence")),
    )
    table = Table(columns, rows, empty=_("No inspection, process cycle or deviation concerns it."))
    return Section("evidence", _("Evidence at that moment"), table=table, count=len(rows))


def _inspection(entry: dict[str, Any]) -> Row:
    state = InspectionState(entry["verdict"])
    pill = Pill(INSPECTION.labels[state], INSPECTION.tones[state])
    stage = Stage(entry["stage"]).label
    return Row([pill, Link(entry["number"], mono=True), [_("inspection"), stage]])


def _cycle(entry: dict[str, Any]) -> Row:
    pill = (
        Pill(_("conforming"), "good") if entry["conforming"] else Pill(_("not conforming"), "bad")
    )
    return Row(
        [pill, Link(entry["number"], mono=True), [_("process cycle"), entry["cycle"] or "–"]]
    )


def _deviation(entry: dict[str, Any]) -> Row:
    state = DeviationState(entry["state"])
    pill = Pill(DEVIATION.labels[state], DEVIATION.tones[state])
    return Row([pill, Link(entry["number"], mono=True), entry["title"]])


register(
    RecordKind(
        model="quality.LotRelease",
        noun="releases",
        nav="quality",
        icon="rosette-discount-check",
        label=_("release"),
        plural=_("Releases"),
        rows=_releases,
        number=lambda r: r.number,
        title=lambda r: f"{r.lot.item.name} · {r.lot.number}",
        state=release_pill,
        columns=[
            ColumnSpec("state", _("Decision"), release_pill, "state"),
            ColumnSpec("number", _("Number"), release_link, "mono", "number"),
            ColumnSpec("lot", _("Lot or unit"), lambda r: lot_link(r.lot), "mono"),
            ColumnSpec("name", _("Name"), lambda r: r.lot.item.name),
            ColumnSpec("quantity", _("Quantity"), _quantity, "number", "quantity"),
            ColumnSpec("by", _("Authorised by"), lambda r: str(r.decided_by)),
            ColumnSpec("at", _("Decided"), lambda r: Moment(r.decided_at), "moment", "decided_at"),
        ],
        facts=_facts,
        sections=[_checks, _evidence],
        search=("number", "lot__number", "lot__item__code", "lot__item__name"),
        filters=[
            FilterSpec(
                "decision", _("Decision"), lambda a: LotRelease.Decision.choices, "decision"
            ),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        scan=("number",),
        api=lambda r: {
            "number": r.number,
            "lot_id": r.lot_id,
            "lot": r.lot.number,
            "decision": r.decision,
            "quantity": plain(r.quantity),
            "checks": r.checks,
            "evidence": r.content,
            "decided_by": r.decided_by.username,
            "decided_at": r.decided_at.isoformat(),
            "site_id": r.site_id,
        },
        empty=_("A release stands here with its evidence as soon as the first lot is released."),
    )
)


def release_of_lot(view: View) -> Section | None:
    """List the decisions on a lot, those on the lot a unit belongs to included."""
    rows = [
        Row(
            [
                release_pill(r),
                release_link(r),
                Number(plain(r.quantity), view.record.item.get_unit_display()),
                str(r.decided_by),
                Moment(r.decided_at),
                r.comment or "–",
            ],
            f"/releases/{r.pk}/",
        )
        for r in view.first(queries.about_lot(view.record))
    ]
    columns = (
        Column("state", _("Decision"), "state"),
        Column("number", _("Number"), "mono"),
        Column("quantity", _("Quantity"), "number"),
        Column("by", _("Authorised by")),
        Column("at", _("Decided"), "moment"),
        Column("comment", _("Comment")),
    )
    if not rows:
        return None
    return Section("release", _("Release"), table=Table(columns, rows), count=len(rows))


def _waiting(actor: Actor) -> QuerySet[Lot]:
    return queries.waiting(actor)


add_section("traceability.Lot", 44, release_of_lot)
add_filter(
    "traceability.Lot",
    FilterSpec(
        "waits",
        _("Waiting for"),
        lambda actor: [("release", _("release"))],
        apply=lambda lots, _value: queries.made_and_not_released(lots),
    ),
)
add_tasks(
    TaskSource(
        code="quality.release",
        title=_("Lots waiting for release"),
        permission="quality.release_lot",
        noun="lots",
        rows=_waiting,
        query="waits=release",
        icon="rosette-discount-check",
    )
)
