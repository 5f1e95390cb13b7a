"""What a lot's page says of the instruments that measured it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from equipment.queries import UsedInstrument, instruments_used, measured
from equipment.records.calibrations import verdict_pill
from erp.ui.page import Column, Link, Row, Section, Table
from erp.ui.records import View, add_section, url_of

COLUMNS = (
    Column("instrument", _("Instrument"), "mono"),
    Column("name", _("Name")),
    Column("calibration", _("Calibrated then by")),
    Column("due_on", _("Valid until"), "moment"),
    Column("verdict", _("Verdict"), "state"),
)


def instruments_section(view: View) -> Section | None:
    """Show which instruments measured a lot, and on which calibration they then relied."""
    seen = {
        (used.instrument.code, used.calibration.pk if used.calibration else 0): used
        for uses in instruments_used(measured(view.record)).values()
        for used in uses
    }
    if not seen:
        return None
    rows = [_row(used) for _key, used in sorted(seen.items())]
    return Section("instruments", _("Instruments"), Table(COLUMNS, rows), count=len(rows))


def _row(used: UsedInstrument) -> Row:
    instrument, calibration = used.instrument, used.calibration
    return Row(
        (
            Link(instrument.code, url_of(instrument), mono=True),
            instrument.name,
            Link(calibration.number, url_of(calibration), mono=True) if calibration else None,
            calibration.due_on if calibration else None,
            verdict_pill(calibration) if calibration else None,
        ),
        url_of(instrument),
    )


add_section("traceability.Lot", 65, instruments_section)
