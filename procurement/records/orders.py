"""Pages, lists and API of purchase orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.accounts.queries import sites_visible_to
from erp.core import clock
from erp.core.actor import Actor
from erp.core.errors import Text
from erp.core.quantities import plain
from erp.ui.page import (
    Column,
    Fact,
    Link,
    Moment,
    Number,
    Pill,
    Row,
    Section,
    Table,
    TimelineEntry,
)
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, add_badges, register, url_of
from procurement.models import PurchaseOrder, PurchaseOrderLine
from procurement.queries import full_lines, order_lines
from procurement.records.approvals import supplier_choices
from procurement.states import ORDER, OrderState

LINE_COLUMNS = (
    Column("state", _("State"), "state"),
    Column("line", _("Line"), "number"),
    Column("item", _("Item"), "mono"),
    Column("name", _("Name")),
    Column("revision", _("Revision"), "mono"),
    Column("ordered", pgettext_lazy("quantity", "Ordered"), "number"),
    Column("received", _("Received"), "number"),
    Column("due", _("Due"), "moment"),
    Column("price", _("Unit price"), "number"),
)
RECEIPT_COLUMNS = (
    Column("number", _("Receipt"), "mono"),
    Column("at", _("Received"), "moment"),
    Column("who", _("Received by")),
    Column("place", _("Put into"), "mono"),
    Column("note", _("Delivery note"), "mono"),
)


def orders(actor: Actor) -> QuerySet[PurchaseOrder]:
    """Return the visible orders with supplier, site, lines and the next date due."""
    rows = PurchaseOrder.objects.visible_to(actor).with_due()
    return rows.select_related("supplier", "site", "ordered_by").prefetch_related(
        Prefetch("lines", queryset=full_lines(), to_attr="ordered_lines")
    )


def late(rows: QuerySet[PurchaseOrder]) -> QuerySet[PurchaseOrder]:
    """Keep the overdue ones."""
    return rows.filter(pk__in=PurchaseOrder.objects.overdue(clock.today()).values("pk"))


def state_pill(order: PurchaseOrder) -> Pill:
    """Return the state of an order."""
    state = OrderState(order.state)
    return Pill(ORDER.labels[state], ORDER.tones[state])


def site_choices(actor: Actor) -> list[tuple[str, Text]]:
    """Return the sites the actor may filter by."""
    return [(str(site.pk), site.code) for site in sites_visible_to(actor).order_by("code")]


def _line_api(line: PurchaseOrderLine) -> Mapping[str, Any]:
    return {
        "line": line.position,
        "item": {"id": line.item_id, "code": line.item.code},
        "revision": line.revision.revision,
        "quantity": plain(line.quantity),
        "received": plain(line.received),
        "unit": line.item.unit,
        "unit_price": plain(line.unit_price) if line.unit_price is not None else None,
        "due_on": line.due_on.isoformat(),
        "approval_id": line.approval_id,
    }


def _api(order: PurchaseOrder) -> Mapping[str, Any]:
    return {
        "number": order.number,
        "state": order.state,
        "supplier": {"id": order.supplier_id, "code": order.supplier.code},
        "site": {"id": order.site_id, "code": order.site.code},
        "ordered_at": order.ordered_at.isoformat() if order.ordered_at else None,
        "ordered_by": order.ordered_by.username if order.ordered_by else None,
        "currency": order.currency,
        "requirements": order.requirements,
        "lines": [_line_api(line) for line in order_lines(order)],
    }


def _facts(view: View) -> Sequence[Fact]:
    order: PurchaseOrder = view.record
    return [
        Fact(_("Supplier"), Link(str(order.supplier), url_of(order.supplier))),
        Fact(_("Site"), Link(str(order.site), url_of(order.site))),
        Fact(
            pgettext_lazy("moment", "Ordered"),
            Moment(order.ordered_at) if order.ordered_at else None,
        ),
        Fact(_("Ordered by"), str(order.ordered_by) if order.ordered_by else None),
        Fact(_("Quality requirements"), order.requirements or None),
        Fact(_("Currency"), order.currency or None),
    ]


def _line_pill(line: PurchaseOrderLine) -> Pill:
    if line.received >= line.quantity:
        return Pill(_("received"), "good")
    if line.order.state != OrderState.ORDERED:
        return Pill(_("not delivered"), "draft")
    if line.due_on < clock.today():
        return Pill(_("overdue"), "bad")
    return Pill(_("received in part"), "waiting") if line.received else Pill(_("open"), "waiting")


def _line_row(line: PurchaseOrderLine) -> Row:
    price = Number(plain(line.unit_price)) if line.unit_price is not None else None
    return Row(
        (
            _line_pill(line),
            Number(str(line.position)),
            Link(line.item.code, url_of(line.item), mono=True),
            line.item.name,
            Link(line.revision.revision, url_of(line.revision), mono=True),
            Number(plain(line.quantity), line.item.get_unit_display()),
            Number(plain(line.received), line.item.get_unit_display()),
            line.due_on,
            price,
        )
    )


def _lines(view: View) -> Section:
    lines = order_lines(view.record)
    table = Table(LINE_COLUMNS, [_line_row(line) for line in lines])
    return Section("lines", _("Lines"), table, count=len(lines))


def _receipts(view: View) -> Section:
    receipts = view.record.receipts.select_related("location", "received_by")
    shown, count = view.counted(receipts.order_by("-pk"))
    rows = [
        Row(
            (
                Link(r.number, url_of(r), mono=True),
                Moment(r.received_at),
                str(r.received_by),
                r.location.code,
                r.delivery_note or None,
            ),
            url_of(r),
        )
        for r in shown
    ]
    table = Table(RECEIPT_COLUMNS, rows, _("Nothing was received yet."))
    return Section("receipts", _("Receipts"), table, count=count)


def _story(view: View) -> Section:
    order: PurchaseOrder = view.record
    ordered = (
        [
            TimelineEntry(
                at=order.ordered_at,
                title=_("Ordered"),
                who=str(order.ordered_by),
            )
        ]
        if order.ordered_at
        else []
    )
    receipts = order.receipts.select_related("received_by").order_by("received_at", "pk")
    came = [
        TimelineEntry(
            at=r.received_at,
            title=_now("Received: %(receipt)s") % {"receipt": r.number},
            who=str(r.received_by),
            tone="good",
            url=url_of(r),
        )
        for r in view.first(receipts)
    ]
    return Section("story", _("What happened"), timeline=[*ordered, *came])


def _overdue(view: View) -> Sequence[Pill]:
    order: PurchaseOrder = view.record
    today = clock.today()
    is_late = order.state == OrderState.ORDERED and any(
        line.due_on < today and line.received < line.quantity for line in order_lines(order)
    )
    return [Pill(_("overdue"), "bad")] if is_late else ()


def _due(order: Any) -> Any:
    return order.due_on if order.state == OrderState.ORDERED else None


def _items(order: PurchaseOrder) -> list[Link]:
    return [Link(line.item.code, url_of(line.item), mono=True) for line in order_lines(order)]


add_badges("procurement.PurchaseOrder", _overdue)

register(
    RecordKind(
        model="procurement.PurchaseOrder",
        noun="purchase-orders",
        nav="supply",
        icon="shopping-cart",
        label=_("purchase order"),
        plural=_("Purchase orders"),
        rows=orders,
        columns=(
            ColumnSpec("state", _("State"), state_pill, "state", "state"),
            ColumnSpec("number", _("Number"), lambda o: o.number, "mono", "number"),
            ColumnSpec("supplier", _("Supplier"), lambda o: o.supplier.name, sort="supplier__name"),
            ColumnSpec("items", _("Items"), _items),
            ColumnSpec("due", _("Due"), _due, "moment", "due_on"),
            ColumnSpec(
                "ordered_at",
                pgettext_lazy("moment", "Ordered"),
                lambda o: Moment(o.ordered_at) if o.ordered_at else None,
                "moment",
                "ordered_at",
            ),
            ColumnSpec("site", _("Site"), lambda o: o.site.code, sort="site__code"),
        ),
        api=_api,
        number=lambda o: o.number,
        title=lambda o: o.supplier.name,
        state=state_pill,
        facts=_facts,
        sections=(_lines, _receipts, _story),
        search=("number", "supplier__code", "supplier__name"),
        filters=(
            FilterSpec("state", _("State"), lambda actor: ORDER.choices(), "state"),
            FilterSpec("site", _("Site"), site_choices, "site"),
            FilterSpec("supplier", _("Supplier"), supplier_choices, "supplier"),
            FilterSpec(
                "overdue",
                _("Overdue"),
                lambda actor: [("yes", _("overdue"))],
                apply=lambda rows, value: late(rows),
            ),
        ),
        scan=("number",),
        empty=_("No purchase orders yet. Place the first one with an approved supplier."),
    )
)
