"""What production adds to the pages of lots, items and partners."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.production.models import MaterialEntry, ProcessKind, WorkOrder
from erp.production.records.cells import (
    batch_link,
    cycle_link,
    cycle_pill,
    in_unit,
    moment,
    order_link,
    order_pill,
    partner_link,
)
from erp.production.records.process_cycles import cycles_of
from erp.production.records.work_orders import output_of
from erp.ui.page import (
    Column,
    Fact,
    Moment,
    Pill,
    Row,
    Section,
    Table,
)
from erp.ui.records import View, add_section
from traceability.models import Lot
from traceability.records import lot_link


def _made_in(view: View) -> Section | None:
    lot: Lot = view.record
    orders = WorkOrder.objects.visible_to(view.actor).filter(batch_id=lot.batch_id or lot.pk)
    order = orders.with_output().select_related("item", "revision").first()
    if order is None:
        return None
    made, scrapped = output_of(order)
    facts = [
        Fact(_("Work order"), order_link(order)),
        Fact(_("State"), order_pill(order)),
        Fact(_("Revision"), str(order.revision)),
        Fact(_("Made"), in_unit(made, order.item)),
        Fact(_("Scrapped"), in_unit(scrapped, order.item)),
        Fact(_("Started"), moment(order.started_at)),
        Fact(_("Completed"), moment(order.completed_at)),
    ]
    return Section("made-in", _("Made in"), facts=facts)


def _used_in(view: View) -> Section | None:
    entries = MaterialEntry.objects.filter(lot=view.record)
    orders = WorkOrder.objects.visible_to(view.actor).filter(pk__in=entries.values("work_order_id"))
    shown, count = view.counted(orders.select_related("item", "batch").order_by("-pk"))
    if not count:
        return None
    rows = [
        Row([order_pill(o), order_link(o), o.item.name, batch_link(o)], f"/work-orders/{o.pk}/")
        for o in shown
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("number", _("Work order"), "mono"),
        Column("name", _("Made")),
        Column("lot", _("Lot"), "mono"),
    ]
    return Section("used-in", _("Issued to"), Table(columns, rows), count=count)


def _processes(view: View) -> Section | None:
    lot: Lot = view.record
    required = dict(lot.item.processes.values_list("kind", "required"))
    cycles = (
        cycles_of(view.actor).filter(Q(batch_id=lot.batch_id or lot.pk)).order_by("sent_at", "pk")
    )
    done = list(cycles)
    if not required and not done:
        return None
    rows = [
        Row(
            [
                cycle_pill(c),
                c.get_kind_display(),
                cycle_link(c),
                partner_link(c.partner),
                c.cycle_number or None,
                Moment(c.sent_at),
                moment(c.received_at),
            ],
            f"/process-cycles/{c.pk}/",
        )
        for c in done
    ]
    missing = {kind for kind, wanted in required.items() if wanted} - {c.kind for c in done}
    rows += [
        Row([Pill(_("missing"), "waiting"), ProcessKind(kind).label, *[None] * 5])
        for kind in sorted(missing)
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("kind", _("Process")),
        Column("number", _("Number"), "mono"),
        Column("partner", _("Subcontractor")),
        Column("cycle", _("Cycle number"), "mono"),
        Column("sent", _("Sent"), "moment"),
        Column("back", _("Received back"), "moment"),
    ]
    return Section("processes", _("Processes"), Table(columns, rows), count=len(rows))


def _item_processes(view: View) -> Section | None:
    processes = list(view.record.processes.order_by("kind"))
    if not processes:
        return None
    rows = [
        Row([p.get_kind_display(), _("required") if p.required else _("not required")])
        for p in processes
    ]
    columns = [Column("kind", _("Process")), Column("required", _("Before release"))]
    return Section("processes", _("Processes"), Table(columns, rows), count=len(rows))


def _partner_cycles(view: View) -> Section | None:
    if not view.record.is_subcontractor:
        return None
    cycles = cycles_of(view.actor).filter(partner=view.record).order_by("-sent_at", "-pk")
    shown, count = view.counted(cycles)
    rows = [
        Row(
            [
                cycle_pill(c),
                cycle_link(c),
                c.get_kind_display(),
                lot_link(c.batch),
                Moment(c.sent_at),
            ],
            f"/process-cycles/{c.pk}/",
        )
        for c in shown
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("number", _("Number"), "mono"),
        Column("kind", _("Process")),
        Column("batch", _("Lot"), "mono"),
        Column("sent", _("Sent"), "moment"),
    ]
    empty = _("Nothing was sent to this subcontractor yet.")
    return Section("cycles", _("Process cycles"), Table(columns, rows, empty), count=count)


add_section("traceability.Lot", 30, _made_in)
add_section("traceability.Lot", 32, _processes)
add_section("traceability.Lot", 58, _used_in)
add_section("masterdata.Item", 60, _item_processes)
add_section("masterdata.Partner", 60, _partner_cycles)
