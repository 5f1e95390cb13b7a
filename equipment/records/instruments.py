"""Pages, lists and API of instruments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from equipment.models import Calibration, Instrument, InstrumentUse
from equipment.queries import Touched, latest_calibrations, lots_touched
from equipment.records.calibrations import as_found_pill, site_choices, verdict_pill
from equipment.states import INSTRUMENT, InstrumentState
from erp.core import clock
from erp.core.actor import Actor
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register, url_of
from traceability.words import event_words

SOON = dt.timedelta(days=30)


def instruments(actor: Actor) -> QuerySet[Instrument]:
    """Return the visible instruments with their latest calibration."""
    rows = Instrument.objects.visible_to(actor).with_calibration()
    return rows.select_related("site", "location", "owner")


def _state(instrument: Instrument) -> Pill:
    state = InstrumentState(instrument.state)
    return Pill(INSTRUMENT.labels[state], INSTRUMENT.tones[state])


def _calibration_pill(due_on: dt.date | None, verdict: str | None) -> Pill:
    """Return whether the calibration lets the instrument be used."""
    today = clock.today()
    if due_on is None:
        return Pill(_("never calibrated"), "bad")
    if verdict == Calibration.Verdict.FAIL:
        return Pill(_("failed"), "bad")
    if due_on < today:
        return Pill(_("overdue"), "bad")
    return Pill(_("due soon"), "waiting") if due_on <= today + SOON else Pill(_("valid"), "good")


def _annotated(instrument: Any) -> tuple[dt.datetime | None, dt.date | None, str | None]:
    """Return time, due date and verdict of the latest calibration, however the record was read."""
    if hasattr(instrument, "due_on"):
        return instrument.calibrated_at, instrument.due_on, instrument.verdict
    latest = latest_calibrations([instrument.pk]).get(instrument.pk)
    return (latest.performed_at, latest.due_on, latest.verdict) if latest else (None, None, None)


def _instrument_api(instrument: Instrument) -> Mapping[str, Any]:
    calibrated_at, due_on, verdict = _annotated(instrument)
    return {
        "code": instrument.code,
        "name": instrument.name,
        "class": instrument.instrument_class,
        "state": instrument.state,
        "site": {"id": instrument.site_id, "code": instrument.site.code},
        "location": _coded(instrument.location),
        "maker": instrument.maker,
        "serial_number": instrument.serial_number,
        "range": instrument.measuring_range,
        "resolution": instrument.resolution,
        "owner": instrument.owner.username if instrument.owner else None,
        "interval_days": instrument.interval_days,
        "calibrated_at": calibrated_at.isoformat() if calibrated_at else None,
        "due_on": due_on.isoformat() if due_on else None,
        "verdict": verdict,
    }


def _coded(record: Any) -> Mapping[str, Any] | None:
    return {"id": record.pk, "code": record.code} if record else None


def _instrument_facts(view: View) -> Sequence[Fact]:
    instrument = view.record
    calibrated_at, due_on, verdict = _annotated(instrument)
    place = instrument.location
    return [
        Fact(_("Calibration"), _calibration_pill(due_on, verdict)),
        Fact(_("Next due"), due_on),
        Fact(_("Last calibrated"), Moment(calibrated_at) if calibrated_at else None),
        Fact(_("Interval"), Number(str(instrument.interval_days), _("days"))),
        Fact(_("Class"), instrument.instrument_class),
        Fact(_("Site"), Link(str(instrument.site), url_of(instrument.site))),
        Fact(_("Location"), Link(str(place), url_of(place)) if place else None),
        Fact(_("Owner"), str(instrument.owner) if instrument.owner else None),
        Fact(_("Manufacturer"), instrument.maker or None),
        Fact(_("Serial number"), instrument.serial_number or None),
        Fact(_("Range"), instrument.measuring_range or None),
        Fact(_("Resolution"), instrument.resolution or None),
    ]


def _calibrations_section(view: View) -> Section:
    calibrations = view.record.calibrations.newest_first()
    shown, count = view.counted(calibrations)
    rows = [
        Row(
            (
                verdict_pill(c),
                Link(c.number, url_of(c), mono=True),
                Moment(c.performed_at),
                as_found_pill(c),
                c.due_on,
                c.performed_by,
                c.certificate_number or None,
            ),
            url_of(c),
        )
        for c in shown
    ]
    columns = (
        Column("verdict", _("Verdict"), "state"),
        Column("number", _("Calibration"), "mono"),
        Column("performed_at", _("Performed"), "moment"),
        Column("as_found", _("As found"), "state"),
        Column("due_on", _("Next due"), "moment"),
        Column("performed_by", _("Performed by")),
        Column("certificate", _("Certificate"), "mono"),
    )
    dialog = f"/do/equipment.record_calibration/?instrument_id={view.record.pk}"
    record = Link(_("Record calibration"), dialog)
    table = Table(columns, rows, _("Never calibrated. It may not be used yet."), more=record)
    return Section("calibrations", _("Calibrations"), table, count=count)


def _uses_section(view: View) -> Section:
    uses = view.record.uses.select_related("event__site", "event__performed_by")
    shown, count = view.counted(uses.order_by("-event__event_time", "-pk"))
    touched = lots_touched([use.event_id for use in shown])
    rows = [_use_row(use, touched.get(use.event_id)) for use in shown]
    columns = (
        Column("at", _("When"), "moment"),
        Column("step", _("What")),
        Column("lot", _("Lot or unit"), "mono"),
        Column("item", _("Item")),
        Column("count", _("Lots and units"), "number"),
        Column("who", _("Who")),
    )
    trace = Link(_("Trace everything it measured"), f"/trace/?start=instrument:{view.record.pk}")
    table = Table(columns, rows, _("It has measured nothing yet."), more=trace if count else None)
    return Section("measured", _("Measured with it"), table, count=count, tells_of_others=True)


def _use_row(use: InstrumentUse, touched: Touched | None) -> Row:
    lot = touched.lot if touched else None
    cells = (
        Moment(use.event.event_time),
        event_words(use.event),
        Link(lot.number, url_of(lot), mono=True) if lot else None,
        str(lot.item) if lot else None,
        Number(str(touched.count if touched else 0)),
        str(use.event.performed_by),
    )
    return Row(cells, url_of(lot) if lot else "")


def by_calibration(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Keep the instruments that are overdue (or failed), due soon, or valid."""
    today = clock.today()
    passed = Q(verdict=Calibration.Verdict.PASS)
    due = {
        "overdue": Q(due_on__lt=today) | Q(due_on__isnull=True) | ~passed,
        "soon": passed & Q(due_on__gte=today, due_on__lte=today + SOON),
        "valid": passed & Q(due_on__gte=today),
    }
    # An instrument that is retired is due for nothing.
    return rows.exclude(state=InstrumentState.RETIRED).filter(due[value])


register(
    RecordKind(
        model="equipment.Instrument",
        noun="instruments",
        nav="equipment",
        icon="ruler-measure",
        label=_("instrument"),
        plural=_("Instruments"),
        rows=instruments,
        columns=(
            ColumnSpec("state", _("State"), _state, "state", "state"),
            ColumnSpec("code", _("Code"), lambda i: i.code, "mono", "code"),
            ColumnSpec("name", _("Name"), lambda i: i.name, sort="name"),
            ColumnSpec("class", _("Class"), lambda i: i.instrument_class, sort="instrument_class"),
            ColumnSpec(
                "calibration",
                _("Calibration"),
                lambda i: _calibration_pill(i.due_on, i.verdict),
                "state",
            ),
            ColumnSpec("due_on", _("Next due"), lambda i: i.due_on, "moment", "due_on"),
            ColumnSpec(
                "location", _("Location"), lambda i: i.location.code if i.location else None, "mono"
            ),
            ColumnSpec("site", _("Site"), lambda i: i.site.code, sort="site__code"),
            ColumnSpec("owner", _("Owner"), lambda i: str(i.owner) if i.owner else None),
        ),
        api=_instrument_api,
        number=lambda i: i.code,
        title=lambda i: i.name,
        state=_state,
        facts=_instrument_facts,
        sections=(_calibrations_section, _uses_section),
        search=("code", "name", "instrument_class", "serial_number"),
        filters=(
            FilterSpec("state", _("State"), lambda actor: INSTRUMENT.choices(), "state"),
            FilterSpec("site", _("Site"), site_choices, "site"),
            FilterSpec(
                "calibration",
                _("Calibration"),
                lambda actor: [
                    ("overdue", _("not usable")),
                    ("soon", _("due in 30 days")),
                    ("valid", _("valid")),
                ],
                apply=by_calibration,
            ),
        ),
        scan=("code",),
        order="code",
        empty=_("No instruments yet. Register the first one before anything is measured."),
    )
)
