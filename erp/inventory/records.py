"""Pages and API forms of stock and holds."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.accounts.queries import people_who_may
from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.inventory.left import whereabouts, with_nothing_left
from erp.inventory.models import Balance, Hold, StockStatus
from erp.inventory.states import HOLD, HoldState
from erp.masterdata.models import Location
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import (
    PAGE_SECTION_ROWS,
    ColumnSpec,
    FilterSpec,
    RecordKind,
    View,
    add_badges,
    register,
)
from traceability.records import lot_link, lot_pill, site_choices

STATUS_TONES = {
    StockStatus.QUARANTINE: "waiting",
    StockStatus.AVAILABLE: "good",
    StockStatus.BLOCKED: "bad",
    StockStatus.RECALL: "recall",
    StockStatus.IN_TRANSIT: "info",
}


def status_pill(balance: Balance) -> Pill:
    """Return the stock status of a balance."""
    return Pill(balance.get_status_display(), STATUS_TONES[StockStatus(balance.status)])


def hold_pill(hold: Hold) -> Pill:
    """Return whether a hold is in force."""
    state = HoldState(hold.state)
    return Pill(HOLD.labels[state], HOLD.tones[state])


def _stock(actor: Actor) -> QuerySet[Balance]:
    rows = Balance.objects.visible_to(actor).filter(quantity__gt=0)
    return rows.select_related("lot__item", "location__site")


def quantity_of(balance: Balance) -> Number:
    """Return the quantity of a balance in the unit of its item."""
    return Number(plain(balance.quantity), balance.lot.item.get_unit_display())


register(
    RecordKind(
        model="inventory.Balance",
        noun="stock",
        nav="stock",
        icon="packages",
        label=_("stock"),
        plural=_("Stock"),
        rows=_stock,
        number=lambda b: f"{b.lot.number} · {b.location.code}",
        title=lambda b: b.lot.item.name,
        state=status_pill,
        columns=[
            ColumnSpec("status", _("Status"), status_pill, "state"),
            ColumnSpec("lot", _("Lot or unit"), lambda b: lot_link(b.lot), "mono"),
            ColumnSpec(
                "item",
                _("Item"),
                lambda b: Link(b.lot.item.code, f"/items/{b.lot.item_id}/", mono=True),
                "mono",
            ),
            ColumnSpec("name", _("Name"), lambda b: b.lot.item.name),
            ColumnSpec("quantity", _("Quantity"), quantity_of, "number", "quantity"),
            ColumnSpec(
                "place",
                _("Location"),
                lambda b: Link(b.location.code, f"/locations/{b.location_id}/", mono=True),
                "mono",
            ),
            ColumnSpec(
                "expires",
                _("Expires"),
                lambda b: str(b.lot.expires_on) if b.lot.expires_on else None,
                sort="lot__expires_on",
            ),
        ],
        facts=lambda v: [
            Fact(_("Lot or unit"), lot_link(v.record.lot)),
            Fact(
                _("Location"), Link(str(v.record.location), f"/locations/{v.record.location_id}/")
            ),
            Fact(_("Quantity"), quantity_of(v.record)),
        ],
        search=("lot__number", "lot__item__code", "lot__item__name", "location__code"),
        filters=[
            FilterSpec("status", _("Status"), lambda a: StockStatus.choices, "status"),
            FilterSpec("site", _("Site"), site_choices, "location__site_id"),
        ],
        api=lambda b: {
            "lot_id": b.lot_id,
            "lot": b.lot.number,
            "item": b.lot.item.code,
            "location_id": b.location_id,
            "location": b.location.code,
            "status": b.status,
            "quantity": plain(b.quantity),
            "unit": b.lot.item.unit,
        },
        empty=_("What lies where stands here, as soon as goods are received."),
    )
)


def _hold_lots(view: View) -> Section:
    lines = view.record.lines.select_related("lot__item").order_by("lot__number")
    shown, count = view.counted(lines)
    rows = [
        Row([lot_link(x.lot), lot_pill(x.lot), x.lot.item.name], f"/lots/{x.lot_id}/")
        for x in shown
    ]
    columns = [
        Column("lot", _("Lot or unit"), "mono"),
        Column("state", _("State"), "state"),
        Column("name", _("Name")),
    ]
    made = Link(_("What was made of them?"), f"/trace/?start=hold:{view.record.number}")
    table = Table(columns, rows, more=made)
    title = _("Lots and units on hold")
    return Section("lots", title, table=table, count=count, tells_of_others=True)


PLACES = {
    "": _("in stock"),
    Location.Kind.SCRAP: _("scrapped or used up by tests"),
    Location.Kind.SUPPLIER: _("sent back to the supplier"),
    Location.Kind.CUSTOMER: _("with customers"),
    Location.Kind.PRODUCTION: _("used in production"),
    Location.Kind.ADJUSTMENT: _("missing at a count"),
}
NOTHING, SOMETHING = "nothing", "something"


def _whereabouts(view: View) -> Section:
    """Say where the goods under a hold are or went: somebody releases it knowing that."""
    found = whereabouts(view.record)
    shown = found if view.full else found[:PAGE_SECTION_ROWS]
    rows = [
        Row(
            [
                lot_link(x.lot),
                PLACES[x.kind],
                Number(plain(x.quantity), x.lot.item.get_unit_display()),
            ],
            f"/lots/{x.lot.pk}/",
        )
        for x in shown
    ]
    columns = [
        Column("lot", _("Lot or unit"), "mono"),
        Column("where", _("Where it is or went")),
        Column("quantity", _("Quantity"), "number"),
    ]
    table = Table(columns, rows, empty=_("No quantity of it was ever in stock."))
    note = _("Nothing of it is left. The hold ends when somebody releases it, with signature.")
    return Section(
        "whereabouts",
        _("Where the goods are"),
        table=table,
        count=len(found),
        note=note if _nothing_left(view.record) else "",
    )


def _nothing_left(hold: Hold) -> bool:
    """Tell whether all goods under a hold in force are gone, however it was read."""
    known: bool | None = getattr(hold, "nothing_left", None)
    if known is not None:
        return known
    return with_nothing_left(Hold.objects.filter(pk=hold.pk)).filter(nothing_left=True).exists()


def left_pill(hold: Hold) -> Pill | None:
    """Say of a hold that it keeps nothing from moving any more."""
    return Pill(_("nothing left under it"), "waiting") if _nothing_left(hold) else None


def _by_left(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(released_at__isnull=True, nothing_left=value == NOTHING)


def _holds(actor: Actor) -> QuerySet[Any]:
    rows = Hold.objects.visible_to(actor).select_related("placed_by", "released_by")
    return with_nothing_left(rows)


def _by_state(rows: QuerySet[Hold], value: str) -> QuerySet[Hold]:
    return rows.filter(released_at__isnull=value == HoldState.OPEN)


def _end(view: View) -> list[Fact]:
    hold: Hold = view.record
    if hold.released_at is None:
        # Of today, and so no evidence.
        return [] if view.full else [Fact(_("May be released by"), _releasers(hold))]
    return [
        Fact(_("Released on"), Moment(hold.released_at)),
        Fact(_("Why released"), hold.release_reason or None),
    ]


def _releasers(hold: Hold) -> str | Pill:
    """Name those who may release a hold: not who placed it."""
    sites = hold.lines.order_by().values_list("lot__site_id", flat=True).distinct()
    people = people_who_may("inventory.release_hold", sites).exclude(pk=hold.placed_by_id)
    names = [str(person) for person in people]
    return ", ".join(names) or Pill(_("nobody who has the permission"), "bad")


register(
    RecordKind(
        model="inventory.Hold",
        noun="holds",
        nav="stock",
        icon="hand-stop",
        label=_("hold"),
        plural=_("Holds"),
        rows=_holds,
        number=lambda h: h.number,
        title=lambda h: h.reason,
        state=hold_pill,
        columns=[
            ColumnSpec("state", _("State"), hold_pill, "state"),
            ColumnSpec(
                "number",
                _("Number"),
                lambda h: Link(h.number, f"/holds/{h.pk}/", mono=True),
                "mono",
                "number",
            ),
            ColumnSpec("reason", _("Reason"), lambda h: h.reason),
            ColumnSpec("cause", _("Cause"), lambda h: h.get_cause_display()),
            ColumnSpec("left", _("Goods left"), left_pill, "state"),
            ColumnSpec("at", _("Placed"), lambda h: Moment(h.placed_at), "moment", "placed_at"),
            ColumnSpec("by", _("Placed by"), lambda h: str(h.placed_by)),
        ],
        facts=lambda v: [
            Fact(_("Cause"), v.record.get_cause_display()),
            Fact(_("Reason"), v.record.reason),
            Fact(_("Placed"), Moment(v.record.placed_at)),
            Fact(_("Placed by"), str(v.record.placed_by)),
            *_end(v),
        ],
        sections=[_hold_lots, _whereabouts],
        search=("number", "reason"),
        filters=[
            FilterSpec("state", _("State"), lambda a: HOLD.choices(), apply=_by_state),
            FilterSpec("cause", _("Cause"), lambda a: Hold.Cause.choices, "cause"),
            FilterSpec(
                "left",
                _("Goods left"),
                lambda a: [
                    (NOTHING, _("nothing left under it")),
                    (SOMETHING, _("goods are left under it")),
                ],
                apply=_by_left,
            ),
        ],
        scan=("number",),
        api=lambda h: {
            "number": h.number,
            "state": h.state,
            "nothing_left": _nothing_left(h),
            "cause": h.cause,
            "reason": h.reason,
            "placed_at": h.placed_at.isoformat(),
            "released_at": h.released_at.isoformat() if h.released_at else None,
        },
        empty=_(
            "Nothing was ever put on hold here. A hold stops lots at once, whatever was promised."
        ),
    )
)


add_badges("inventory.Hold", lambda view: [pill for pill in [left_pill(view.record)] if pill])
add_tasks(
    TaskSource(
        code="open-holds",
        title=_("Holds in force"),
        permission="inventory.release_hold",
        noun="holds",
        rows=lambda a: _holds(a).filter(released_at__isnull=True).order_by("placed_at"),
        query="state=open",
        tone="bad",
        blocked=True,
    )
)
