"""What stock and holds add to the pages and the list of lots, and to a location's page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from erp.core.quantities import plain
from erp.inventory.models import Balance, Hold, HoldLine, StockStatus
from erp.inventory.queries import family, open_holds
from erp.inventory.records import STATUS_TONES, hold_pill, quantity_of, status_pill
from erp.inventory.trace import held
from erp.ui.page import Column, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import (
    FilterSpec,
    View,
    add_badges,
    add_filter,
    add_row_marks,
    add_section,
)
from traceability.models import Lot
from traceability.records import lot_link

NAMED, REACHED = "named", "reached"


def _lot_stock(view: View) -> Section | None:
    lot: Lot = view.record
    rows = Balance.objects.filter(lot__in=family(lot.pk), quantity__gt=0)
    if not view.actor.sees_everything:
        rows = rows.visible_to(view.actor)
    lying = (
        rows.values("status", "location_id", "location__code", "location__name")
        .annotate(total=Sum("quantity"))
        .order_by("location__code", "status")
    )
    is_held = lot.pk in open_holds([lot.pk])
    table = Table(
        columns=[
            Column("status", _("Status"), "state"),
            Column("place", _("Location")),
            Column("q", _("Quantity"), "number"),
        ],
        rows=[Row(_lying_cells(row, lot, is_held=is_held)) for row in lying],
        empty=_("Nothing of it lies in stock."),
    )
    return Section("stock", _("Stock"), table=table, count=len(table.rows), may_be_empty=True)


def _lying_cells(row: Mapping[str, Any], lot: Lot, *, is_held: bool) -> list[Any]:
    status = StockStatus(row["status"])
    pill = Pill(status.label, STATUS_TONES[status])
    place = f"{row['location__code']} {row['location__name']}"
    return [
        [pill, Pill(_("on hold"), "bad")] if is_held else pill,
        Link(place, f"/locations/{row['location_id']}/"),
        Number(plain(row["total"]), lot.item.get_unit_display()),
    ]


def _hold_badges(view: View) -> Sequence[Pill]:
    lines = open_holds([view.record.pk]).get(view.record.pk, [])
    return [Pill(_("on hold"), "bad", f"{x.hold.number}: {x.hold.reason}") for x in lines]


def _lot_holds(view: View) -> Section | None:
    lot = view.record
    ids = [lot.pk, lot.batch_id] if lot.batch_id else [lot.pk]
    holds: list[Any] = list(
        Hold.objects.filter(lines__lot_id__in=ids)
        .distinct()
        .select_related("placed_by")
        .order_by("-placed_at")
    )
    if not holds:
        return None
    rows = [
        Row(
            [
                hold_pill(h),
                Link(h.number, f"/holds/{h.pk}/", mono=True),
                h.reason,
                Moment(h.placed_at),
                str(h.placed_by),
            ]
        )
        for h in holds
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("number", _("Number"), "mono"),
        Column("reason", _("Reason")),
        Column("at", _("Placed"), "moment"),
        Column("by", _("Placed by")),
    ]
    return Section("holds", _("Holds"), table=Table(columns, rows), count=len(rows))


def _place_stock(view: View) -> Section:
    rows = (
        Balance.objects.filter(location=view.record, quantity__gt=0)
        .select_related("lot__item")
        .order_by("lot__number")
    )
    shown, count = view.counted(rows)
    table = Table(
        columns=[
            Column("status", _("Status"), "state"),
            Column("lot", _("Lot or unit"), "mono"),
            Column("name", _("Name")),
            Column("q", _("Quantity"), "number"),
        ],
        rows=[
            Row([status_pill(b), lot_link(b.lot), b.lot.item.name, quantity_of(b)]) for b in shown
        ],
        empty=_("Nothing lies here."),
        more=Link(_("All of it"), f"/stock/?search={view.record.code}"),
    )
    return Section("stock", _("What lies here"), table=table, count=count)


def on_hold(lots: QuerySet[Lot], reach: str = NAMED) -> QuerySet[Lot]:
    """Keep the lots that holds in force name; with ``REACHED`` also the units of such lots."""
    named = HoldLine.objects.filter(hold__released_at__isnull=True).values("lot")
    condition = Q(pk__in=named)
    if reach == REACHED:
        condition |= Q(batch__in=named)
    return lots.filter(condition)


def _held_marks(lot_ids: Collection[int]) -> dict[int, Sequence[Pill]]:
    return {pk: [Pill(_("on hold"), "bad")] for pk in held(lot_ids)}


add_badges("traceability.Lot", _hold_badges)
add_row_marks("traceability.Lot", _held_marks)
add_filter(
    "traceability.Lot",
    FilterSpec(
        "hold",
        _("On hold"),
        lambda actor: [
            (NAMED, _("named by a hold in force")),
            (REACHED, _("on hold, itself or with its lot")),
        ],
        apply=on_hold,
    ),
)
add_section("traceability.Lot", 20, _lot_holds)
add_section("traceability.Lot", 55, _lot_stock)
add_section("masterdata.Location", 50, _place_stock)
