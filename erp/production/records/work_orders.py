"""Pages, lists and API of work orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core import clock
from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.masterdata.models import Item
from erp.production import queries
from erp.production.models import MaterialEntry, WorkOrder
from erp.production.records.cells import (
    batch_link,
    in_unit,
    item_link,
    moment,
    order_link,
    order_pill,
    timeline,
)
from erp.production.states import WORK_ORDER, WorkOrderState
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import (
    Column,
    Fact,
    Link,
    Moment,
    Pill,
    Row,
    Section,
    Table,
)
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.corrections.records import with_correction
from traceability.models import Lot, TraceEvent
from traceability.records import lot_link, lot_pill, site_choices


def orders_of(actor: Actor) -> QuerySet[WorkOrder]:
    """Return the orders the actor may see with everything lists show, joined."""
    rows = WorkOrder.objects.visible_to(actor).with_output()
    return rows.select_related("item", "revision__item", "site", "batch", "line")


def _due(order: WorkOrder) -> Any:
    if order.due_on is None:
        return None
    open_ = order.state in {WorkOrderState.PLANNED, WorkOrderState.STARTED}
    late = open_ and order.due_on < clock.today()
    return Pill(str(order.due_on), "bad", _("late")) if late else str(order.due_on)


def output_of(order: WorkOrder) -> tuple[Any, Any]:
    """Return made and scrapped, however the record was read."""
    if hasattr(order, "made"):
        return order.made, order.scrapped  # type: ignore[attr-defined]
    return queries.output_of(order)


def _order_facts(view: View) -> Sequence[Fact]:
    order: WorkOrder = view.record
    made, scrapped = output_of(order)
    return [
        Fact(_("Item"), [item_link(order.item), order.item.name]),
        Fact(_("Revision"), order.revision.revision),
        Fact(_("Lot"), batch_link(order)),
        Fact(_("Planned quantity"), in_unit(order.quantity, order.item)),
        Fact(_("Made"), in_unit(made, order.item)),
        Fact(_("Scrapped"), in_unit(scrapped, order.item)),
        Fact(_("Due"), _due(order)),
        Fact(_("Site"), order.site.code),
        Fact(_("Production line"), str(order.line) if order.line else None),
        Fact(_("Started"), moment(order.started_at)),
        Fact(_("Completed"), moment(order.completed_at)),
    ]


def _materials(view: View) -> Section:
    lines = queries.material_of(view.record)
    rows = [
        Row(
            [
                item_link(line.component),
                line.component.name,
                in_unit(line.planned, line.component),
                in_unit(line.issued, line.component),
                in_unit(line.consumed, line.component),
                in_unit(line.returned, line.component),
                in_unit(line.remaining, line.component),
                _("per unit") if line.per_unit else _("per lot"),
            ],
            f"/items/{line.component.pk}/",
        )
        for line in lines
    ]
    columns = [
        Column("item", _("Component"), "mono"),
        Column("name", _("Name")),
        Column("planned", _("Planned"), "number"),
        Column("issued", _("Issued"), "number"),
        Column("consumed", _("Used"), "number"),
        Column("returned", _("Returned"), "number"),
        Column("remaining", _("At the line"), "number"),
        Column("recorded", _("Recorded")),
    ]
    empty = _("The bill of material of this revision is empty.")
    return Section("materials", _("Material"), Table(columns, rows, empty), count=len(rows))


def _issued_lots(view: View) -> Section:
    entries = MaterialEntry.objects.filter(work_order=view.record)
    entries = entries.select_related("lot__item", "event__performed_by").order_by("-pk")
    entries = entries.prefetch_related("event__corrections")
    shown, count = view.counted(entries)
    rows = [
        Row(
            [
                Moment(e.event.event_time),
                with_correction(e.get_kind_display(), e.event),
                lot_link(e.lot),
                item_link(e.lot.item),
                in_unit(e.quantity, e.lot.item),
                str(e.event.performed_by),
            ],
            f"/lots/{e.lot_id}/",
        )
        for e in shown
    ]
    columns = [
        Column("at", _("When"), "moment"),
        Column("kind", _("What")),
        Column("lot", _("Lot or unit"), "mono"),
        Column("item", _("Item"), "mono"),
        Column("quantity", _("Quantity"), "number"),
        Column("who", _("Who")),
    ]
    empty = _("No material was issued yet. Start with a scan.")
    return Section("account", _("Material account"), Table(columns, rows, empty), count=count)


def _units(view: View) -> Section | None:
    order: WorkOrder = view.record
    if order.batch is None:
        return None
    units = Lot.objects.filter(batch=order.batch).order_by("number")
    shown, count = view.counted(units)
    if not count:
        return None
    rows = [Row([lot_link(u), lot_pill(u), u.udi_pi or None], f"/lots/{u.pk}/") for u in shown]
    columns = [
        Column("number", _("Unit"), "mono"),
        Column("state", _("State"), "state"),
        Column("udi", _("UDI-PI"), "mono"),
    ]
    more = (
        Link(_("All units"), f"/lots/?search={order.batch.number}") if count > len(shown) else None
    )
    return Section("units", _("Units"), Table(columns, rows, more=more), count=count)


def _reports(view: View) -> Section | None:
    order: WorkOrder = view.record
    reports = order.reports.select_related("reported_by").order_by("-reported_at", "-pk")
    shown, count = view.counted(reports)
    if not count:
        return None
    rows = [
        Row(
            [
                Moment(r.reported_at),
                in_unit(r.made, order.item),
                in_unit(r.scrapped, order.item),
                r.scrap_reason or "–",
                r.parameters or None,
                str(r.reported_by),
            ]
        )
        for r in shown
    ]
    columns = [
        Column("at", _("When"), "moment"),
        Column("made", _("Made"), "number"),
        Column("scrapped", _("Scrapped"), "number"),
        Column("why", _("Why scrapped")),
        Column("parameters", _("Process parameters")),
        Column("who", _("Who")),
    ]
    return Section("reports", _("Reports"), Table(columns, rows), count=count)


def _story(view: View) -> Section:
    events = TraceEvent.objects.filter(work_order_link__work_order=view.record)
    # One line per report, not one per unit.
    events = events.exclude(biz_step="assembling").select_related(
        "performed_by", "location", "site"
    )
    return timeline(view, events)


def _order_api(order: WorkOrder) -> Mapping[str, Any]:
    made, scrapped = output_of(order)
    return {
        "number": order.number,
        "state": order.state,
        "site_id": order.site_id,
        "site": order.site.code,
        "item_id": order.item_id,
        "item": order.item.code,
        "revision": order.revision.revision,
        "quantity": plain(order.quantity),
        "made": plain(made),
        "scrapped": plain(scrapped),
        "unit": order.item.unit,
        "batch_id": order.batch_id,
        "batch_number": order.batch_number,
        "due_on": order.due_on.isoformat() if order.due_on else None,
        "planned_at": order.planned_at.isoformat(),
        "started_at": order.started_at.isoformat() if order.started_at else None,
        "completed_at": order.completed_at.isoformat() if order.completed_at else None,
    }


def _made_items(actor: Actor) -> Sequence[tuple[str, str]]:
    items = Item.objects.filter(work_orders__isnull=False).distinct().order_by("code")
    return [(str(pk), code) for pk, code in items.values_list("pk", "code")[:100]]


register(
    RecordKind(
        model="production.WorkOrder",
        noun="work-orders",
        nav="production",
        icon="tool",
        label=_("work order"),
        plural=_("Work orders"),
        rows=orders_of,
        number=lambda o: o.number,
        title=lambda o: o.item.name,
        state=order_pill,
        columns=[
            ColumnSpec("state", _("State"), order_pill, "state", "state"),
            ColumnSpec("number", _("Number"), order_link, "mono", "number"),
            ColumnSpec("item", _("Item"), lambda o: item_link(o.item), "mono", "item__code"),
            ColumnSpec("name", _("Name"), lambda o: o.item.name),
            ColumnSpec("batch", _("Lot"), batch_link, "mono", "batch_number"),
            ColumnSpec(
                "quantity",
                _("Planned"),
                lambda o: in_unit(o.quantity, o.item),
                "number",
                "quantity",
            ),
            ColumnSpec("made", _("Made"), lambda o: in_unit(output_of(o)[0], o.item), "number"),
            ColumnSpec(
                "scrapped", _("Scrapped"), lambda o: in_unit(output_of(o)[1], o.item), "number"
            ),
            ColumnSpec("due", _("Due"), _due, sort="due_on"),
            ColumnSpec("site", _("Site"), lambda o: o.site.code, sort="site__code"),
        ],
        facts=_order_facts,
        sections=[_story, _materials, _units, _reports, _issued_lots],
        search=("number", "batch_number", "item__code", "item__name"),
        filters=[
            FilterSpec("state", _("State"), lambda a: WORK_ORDER.choices(), "state"),
            FilterSpec("item", _("Item"), _made_items, "item_id"),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        scan=("number",),
        api=_order_api,
        evidence=True,
        empty=_("Work orders stand here. Plan the first one."),
    )
)


add_tasks(
    TaskSource(
        code="work-orders-to-start",
        title=_("Work orders to start"),
        permission="production.start_work_order",
        noun="work-orders",
        rows=lambda a: orders_of(a).filter(state=WorkOrderState.PLANNED).order_by("due_on", "pk"),
        query="state=planned",
        icon="player-play",
    )
)
add_tasks(
    TaskSource(
        code="work-orders-to-complete",
        title=_("Work orders to complete"),
        permission="production.complete_work_order",
        noun="work-orders",
        rows=lambda a: orders_of(a).filter(state=WorkOrderState.STARTED).order_by("due_on", "pk"),
        query="state=started",
        icon="tool",
    )
)
