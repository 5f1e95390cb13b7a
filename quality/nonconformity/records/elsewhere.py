"""What deviations add to the pages of lots, and the lots they block."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.inventory.lot_records import NAMED, on_hold
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import Column, Moment, Row, Section, Table
from erp.ui.records import KINDS, View, add_section
from quality.nonconformity import queries
from quality.nonconformity.records.deviations import deviation_link, deviation_pill, severity_pill
from traceability.models import Lot

OF_LOT = (
    Column("state", _("State"), "state"),
    Column("number", _("Number"), "mono"),
    Column("title", _("Title")),
    Column("severity", _("Severity"), "state"),
    Column("disposition", _("Disposition")),
    Column("at", _("Detected"), "moment"),
)


def deviations_of_lot(view: View) -> Section | None:
    """List the deviations that name a lot, or the lot a unit belongs to."""
    found = queries.about_lot(view.record)
    shown, count = view.counted(found)
    rows = [
        Row(
            [
                deviation_pill(d),
                deviation_link(d),
                d.title,
                severity_pill(d),
                d.get_disposition_display() if d.disposition else "–",
                Moment(d.detected_at),
            ],
            f"/deviations/{d.pk}/",
        )
        for d in shown
    ]
    if not rows:
        return None
    return Section("deviations", _("Deviations"), table=Table(OF_LOT, rows), count=count)


def _blocked(actor: Actor) -> QuerySet[Lot]:
    """Return the lots with a hold in force, those held longest first."""
    return on_hold(KINDS["lots"].rows(actor)).order_by("pk")


add_section("traceability.Lot", 42, deviations_of_lot)
add_tasks(
    TaskSource(
        code="quality.blocked",
        title=_("Lots and units on hold"),
        permission="quality.close_deviation",
        noun="lots",
        rows=_blocked,
        query=f"hold={NAMED}",
        icon="hand-stop",
        tone="bad",
        blocked=True,
    )
)
