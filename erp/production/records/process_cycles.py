"""Pages, lists and API of process cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.production.models import ProcessCycle, ProcessKind
from erp.production.records.cells import (
    cycle_link,
    cycle_pill,
    in_unit,
    item_link,
    moment,
    partner_link,
    timeline,
)
from erp.production.rules import out_of_limits
from erp.production.states import PROCESS_CYCLE, CycleState
from erp.ui.home import TaskSource, add_tasks
from erp.ui.page import (
    Column,
    Fact,
    Moment,
    Number,
    Pill,
    Row,
    Section,
    Table,
)
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.models import TraceEvent
from traceability.records import lot_link, lot_pill, site_choices


def cycles_of(actor: Actor) -> QuerySet[ProcessCycle]:
    """Return the cycles the actor may see with everything lists show, joined."""
    rows = ProcessCycle.objects.visible_to(actor)
    return rows.select_related("batch__item", "partner", "place", "site", "sent_by", "received_by")


def _cycle_facts(view: View) -> Sequence[Fact]:
    cycle: ProcessCycle = view.record
    return [
        Fact(_("Process"), cycle.get_kind_display()),
        Fact(_("Lot"), lot_link(cycle.batch)),
        Fact(_("Item"), [item_link(cycle.batch.item), cycle.batch.item.name]),
        Fact(_("Subcontractor"), partner_link(cycle.partner)),
        Fact(_("Sent"), Moment(cycle.sent_at)),
        Fact(_("Sent by"), str(cycle.sent_by)),
        Fact(_("Received back"), moment(cycle.received_at)),
        Fact(_("Received by"), str(cycle.received_by) if cycle.received_by else None),
        Fact(_("Subcontractor's cycle number"), cycle.cycle_number or None),
        Fact(_("Certificate number"), cycle.certificate_number or None),
        Fact(_("Site"), cycle.site.code),
    ]


def _parameters(view: View) -> Section:
    cycle: ProcessCycle = view.record
    rows = [
        Row(
            [
                _limit_pill(p),
                p["name"],
                Number(p["value"], p["unit"]),
                Number(p["lower"] or "–"),
                Number(p["upper"] or "–"),
            ]
        )
        for p in cycle.parameters
    ]
    columns = [
        Column("state", _("Result"), "state"),
        Column("name", _("Parameter")),
        Column("value", _("Value"), "number"),
        Column("lower", _("Lower limit"), "number"),
        Column("upper", _("Upper limit"), "number"),
    ]
    empty = _("The parameters come with the load, when it is received back.")
    return Section("parameters", _("Parameters"), Table(columns, rows, empty), count=len(rows))


def _limit_pill(parameter: Mapping[str, str]) -> Pill:
    if out_of_limits([parameter]):
        return Pill(_("out of limits"), "bad")
    if parameter["lower"] or parameter["upper"]:
        return Pill(_("in limits"), "good")
    return Pill(_("no limits"), "info")


def _load(view: View) -> Section:
    load = view.record.load.select_related("lot__item", "taken_from").order_by("lot__number", "pk")
    shown, count = view.counted(load)
    rows = [
        Row(
            [lot_link(x.lot), lot_pill(x.lot), in_unit(x.quantity, x.lot.item), str(x.taken_from)],
            f"/lots/{x.lot_id}/",
        )
        for x in shown
    ]
    columns = [
        Column("lot", _("Lot or unit"), "mono"),
        Column("state", _("State"), "state"),
        Column("quantity", _("Quantity"), "number"),
        Column("place", _("Taken from")),
    ]
    table = Table(columns, rows)
    return Section("load", _("Load"), table, count=count, tells_of_others=True)


def _cycle_story(view: View) -> Section:
    events = TraceEvent.objects.filter(cycle_link__cycle=view.record)
    return timeline(view, events.select_related("performed_by", "location", "site"))


register(
    RecordKind(
        model="production.ProcessCycle",
        noun="process-cycles",
        nav="production",
        icon="recycle",
        label=_("process cycle"),
        plural=_("Process cycles"),
        rows=cycles_of,
        number=lambda c: c.number,
        title=lambda c: c.get_kind_display(),
        state=cycle_pill,
        columns=[
            ColumnSpec("state", _("State"), cycle_pill, "state", "state"),
            ColumnSpec("number", _("Number"), cycle_link, "mono", "number"),
            ColumnSpec("kind", _("Process"), lambda c: c.get_kind_display(), sort="kind"),
            ColumnSpec("batch", _("Lot"), lambda c: lot_link(c.batch), "mono"),
            ColumnSpec("item", _("Item"), lambda c: item_link(c.batch.item), "mono"),
            ColumnSpec("partner", _("Subcontractor"), lambda c: partner_link(c.partner)),
            ColumnSpec("cycle", _("Cycle number"), lambda c: c.cycle_number or None, "mono"),
            ColumnSpec("sent", _("Sent"), lambda c: Moment(c.sent_at), "moment", "sent_at"),
            ColumnSpec("back", _("Received back"), lambda c: moment(c.received_at), "moment"),
            ColumnSpec("site", _("Site"), lambda c: c.site.code),
        ],
        facts=_cycle_facts,
        sections=[_cycle_story, _parameters, _load],
        search=("number", "batch__number", "cycle_number", "certificate_number", "partner__name"),
        filters=[
            FilterSpec("state", _("State"), lambda a: PROCESS_CYCLE.choices(), "state"),
            FilterSpec("kind", _("Process"), lambda a: ProcessKind.choices, "kind"),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        scan=("number", "cycle_number"),
        api=lambda c: {
            "number": c.number,
            "state": c.state,
            "kind": c.kind,
            "site_id": c.site_id,
            "partner_id": c.partner_id,
            "partner": c.partner.code,
            "batch_id": c.batch_id,
            "batch_number": c.batch.number,
            "sent_at": c.sent_at.isoformat(),
            "received_at": c.received_at.isoformat() if c.received_at else None,
            "cycle_number": c.cycle_number,
            "certificate_number": c.certificate_number,
            "conforming": c.conforming,
            "parameters": c.parameters,
        },
        evidence=True,
        empty=_("Loads sent to subcontractors stand here. Send a lot from its page."),
    )
)


add_tasks(
    TaskSource(
        code="batches-at-subcontractor",
        title=_("Lots at a subcontractor"),
        permission="production.receive_from_subcontractor",
        noun="process-cycles",
        rows=lambda a: cycles_of(a).filter(state=CycleState.SENT).order_by("sent_at", "pk"),
        query="state=sent",
        icon="truck-return",
        tone="info",
    )
)
