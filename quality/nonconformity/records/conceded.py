"""What concessions add to the pages of suppliers and instruments: what passes, until when."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.core import clock
from erp.ui.page import Column, Link, Pill, Row, Section, Table
from erp.ui.records import View, add_section
from quality.nonconformity.concessions import CONCEDED
from quality.nonconformity.models import Concession, Deviation
from quality.nonconformity.records.deviations import deviation_link
from quality.nonconformity.states import DeviationState

COLUMNS = (
    Column("state", _("State"), "state"),
    Column("number", _("Concession"), "mono"),
    Column("deviation", _("Deviation"), "mono"),
    Column("gate", _("May be done")),
    Column("items", _("Items")),
    Column("from", _("Valid from"), "moment"),
    Column("until", _("Valid until"), "moment"),
)


def force_pill(concession: Concession) -> Pill:
    """Return whether a concession about a supplier or an instrument passes anything today."""
    today = clock.today()
    over = concession.valid_until < today
    if over or concession.deviation.state == DeviationState.CLOSED:
        return Pill(pgettext_lazy("concession", "over"), "draft")
    if concession.valid_from > today:
        return Pill(_("not yet in force"), "info")
    return Pill(_("in force"), "waiting")


def concessions_of_supplier(view: View) -> Section | None:
    """List on a supplier what may come from it in spite of a missing approval."""
    return _section(view, Concession.objects.filter(supplies__supplier=view.record).distinct())


def concessions_of_instrument(view: View) -> Section | None:
    """List on an instrument by what it may be used in spite of its calibration."""
    return _section(view, Concession.objects.filter(instruments__instrument=view.record))


def _section(view: View, concessions: QuerySet[Concession]) -> Section | None:
    seen = concessions.filter(deviation__in=Deviation.objects.visible_to(view.actor))
    rows = seen.select_related("deviation").prefetch_related("supplies__item").order_by("-pk")
    shown, count = view.counted(rows)
    if not shown:
        return None
    table = Table(COLUMNS, [_row(concession) for concession in shown])
    return Section("concessions", _("Concessions"), table=table, count=count)


def _row(concession: Concession) -> Row:
    url = f"/deviations/{concession.deviation_id}/"
    return Row(
        [
            force_pill(concession),
            Link(concession.number, url, mono=True),
            deviation_link(concession.deviation),
            CONCEDED.get(concession.gate, concession.gate),
            sorted(supply.item.code for supply in concession.supplies.all()) or None,
            concession.valid_from.isoformat(),
            concession.valid_until.isoformat(),
        ],
        url,
    )


add_section("masterdata.Partner", 62, concessions_of_supplier)
add_section("equipment.Instrument", 55, concessions_of_instrument)
