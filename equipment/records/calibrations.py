"""Pages, lists and API of calibrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from equipment.models import Calibration, CalibrationPoint
from equipment.rules import error_of, is_within
from erp.accounts.queries import sites_visible_to
from erp.core.actor import Actor
from erp.core.errors import Text
from erp.core.quantities import plain
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register, url_of


def site_choices(actor: Actor) -> list[tuple[str, Text]]:
    """Return the sites the actor may filter by."""
    return [(str(site.pk), site.code) for site in sites_visible_to(actor).order_by("code")]


def _calibrations(actor: Actor) -> QuerySet[Calibration]:
    rows = Calibration.objects.visible_to(actor)
    return rows.select_related("instrument__site", "recorded_by")


def verdict_pill(calibration: Calibration) -> Pill:
    """Return whether the instrument may be used from then on."""
    passed = calibration.verdict == Calibration.Verdict.PASS
    return Pill(calibration.get_verdict_display(), "good" if passed else "bad")


def as_found_pill(calibration: Calibration) -> Pill:
    """Return how the instrument was found."""
    within = calibration.as_found == Calibration.AsFound.WITHIN
    return Pill(calibration.get_as_found_display(), "good" if within else "bad")


def _calibration_api(calibration: Calibration) -> Mapping[str, Any]:
    return {
        "number": calibration.number,
        "instrument": {"id": calibration.instrument_id, "code": calibration.instrument.code},
        "performed_at": calibration.performed_at.isoformat(),
        "due_on": calibration.due_on.isoformat(),
        "as_found": calibration.as_found,
        "verdict": calibration.verdict,
        "adjusted": calibration.adjusted,
        "performed_by": calibration.performed_by,
        "standard_used": calibration.standard_used,
        "certificate_number": calibration.certificate_number,
        "recorded_by": calibration.recorded_by.username,
    }


def _calibration_facts(view: View) -> Sequence[Fact]:
    c = view.record
    instrument = Link(str(c.instrument), url_of(c.instrument))
    return [
        Fact(_("Instrument"), instrument),
        Fact(_("Performed"), Moment(c.performed_at)),
        Fact(_("As found"), as_found_pill(c)),
        Fact(_("Adjusted"), _("yes") if c.adjusted else _("no")),
        Fact(_("Next due"), c.due_on),
        Fact(_("Performed by"), c.performed_by),
        Fact(_("Standard used"), c.standard_used),
        Fact(_("Certificate"), c.certificate_number or None),
        Fact(_("Environment"), c.conditions or None),
        Fact(_("Recorded by"), str(c.recorded_by)),
        Fact(_("Comment"), c.comment or "–"),
    ]


def _points_section(view: View) -> Section:
    points = list(view.record.points.order_by("phase", "position"))
    columns = (
        Column("within", _("Result"), "state"),
        Column("phase", _("Phase")),
        Column("nominal", _("Nominal"), "number"),
        Column("reading", _("Reading"), "number"),
        Column("error", _("Error"), "number"),
        Column("tolerance", _("Tolerance ±"), "number"),
        Column("uncertainty", _("Uncertainty"), "number"),
    )
    empty = _("No points were entered; see the certificate.")
    table = Table(columns, [_point_row(p) for p in points], empty)
    return Section("points", _("Measured points"), table, count=len(points))


def _point_row(point: CalibrationPoint) -> Row:
    pill = Pill(_("within"), "good") if is_within(point) else Pill(_("out"), "bad")
    figures = (
        point.nominal,
        point.reading,
        error_of(point),
        point.tolerance,
        point.uncertainty,
    )
    return Row((pill, point.get_phase_display(), *(_figure(f, point.unit) for f in figures)))


def _figure(value: Decimal | None, unit: str) -> Number | None:
    return None if value is None else Number(plain(value), unit)


register(
    RecordKind(
        model="equipment.Calibration",
        noun="calibrations",
        nav="equipment",
        icon="certificate",
        label=_("calibration"),
        plural=_("Calibrations"),
        rows=_calibrations,
        columns=(
            ColumnSpec("verdict", _("Verdict"), verdict_pill, "state", "verdict"),
            ColumnSpec("number", _("Number"), lambda c: c.number, "mono", "number"),
            ColumnSpec(
                "instrument",
                _("Instrument"),
                lambda c: Link(c.instrument.code, url_of(c.instrument), mono=True),
                sort="instrument__code",
            ),
            ColumnSpec("name", _("Name"), lambda c: c.instrument.name),
            ColumnSpec("as_found", _("As found"), as_found_pill, "state", "as_found"),
            ColumnSpec(
                "performed_at",
                _("Performed"),
                lambda c: Moment(c.performed_at),
                "moment",
                "performed_at",
            ),
            ColumnSpec("due_on", _("Next due"), lambda c: c.due_on, "moment", "due_on"),
            ColumnSpec("performed_by", _("Performed by"), lambda c: c.performed_by),
            ColumnSpec(
                "certificate", _("Certificate"), lambda c: c.certificate_number or None, "mono"
            ),
        ),
        api=_calibration_api,
        number=lambda c: c.number,
        title=lambda c: str(c.instrument),
        state=verdict_pill,
        facts=_calibration_facts,
        sections=(_points_section,),
        search=("number", "instrument__code", "instrument__name", "certificate_number"),
        filters=(
            FilterSpec("verdict", _("Verdict"), lambda a: Calibration.Verdict.choices, "verdict"),
            FilterSpec(
                "as_found", _("As found"), lambda a: Calibration.AsFound.choices, "as_found"
            ),
            FilterSpec("site", _("Site"), site_choices, "instrument__site"),
        ),
        scan=("number",),
        empty=_("No calibrations yet. Record the first one: until then no instrument may be used."),
    )
)
