"""Pills, links, numbers and time lines that the pages of production share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core.quantities import plain
from erp.masterdata.models import Item, Partner
from erp.production.models import ProcessCycle, WorkOrder
from erp.production.states import PROCESS_CYCLE, WORK_ORDER, CycleState, WorkOrderState
from erp.ui.page import (
    Link,
    Moment,
    Number,
    Pill,
    Section,
    TimelineEntry,
)
from erp.ui.records import View
from traceability.event_lots import lots_named, with_lots
from traceability.models import TraceEvent
from traceability.records import lot_link
from traceability.words import event_words

TIMELINE_SHOWN = 100


def order_pill(order: WorkOrder) -> Pill:
    """Return the state of a work order."""
    state = WorkOrderState(order.state)
    return Pill(WORK_ORDER.labels[state], WORK_ORDER.tones[state])


def order_link(order: WorkOrder) -> Link:
    """Return the link to a work order by its number."""
    return Link(order.number, f"/work-orders/{order.pk}/", mono=True)


def item_link(item: Item) -> Link:
    """Return the link to an item by its number."""
    return Link(item.code, f"/items/{item.pk}/", mono=True)


def partner_link(partner: Partner) -> Link:
    """Return the link to a partner by its name."""
    return Link(partner.name, f"/partners/{partner.pk}/")


def moment(at: Any) -> Moment | None:
    """Return an instant for a page, ``None`` where there is none."""
    return Moment(at) if at else None


def in_unit(quantity: Any, item: Item) -> Number:
    """Return a quantity with the unit of its item."""
    return Number(plain(quantity), item.get_unit_display())


def cycle_pill(cycle: ProcessCycle) -> Pill:
    """Return where a cycle stands, once it is back its verdict."""
    if cycle.conforming is None:
        state = CycleState(cycle.state)
        return Pill(PROCESS_CYCLE.labels[state], PROCESS_CYCLE.tones[state])
    if cycle.conforming:
        return Pill(_("conforming"), "good")
    return Pill(_("not conforming"), "bad")


def cycle_link(cycle: ProcessCycle) -> Link:
    """Return the link to a process cycle by its number."""
    return Link(cycle.number, f"/process-cycles/{cycle.pk}/", mono=True)


def batch_link(order: WorkOrder) -> Link:
    """Return the link to the lot of an order, its number alone before the start."""
    return lot_link(order.batch) if order.batch else Link(order.batch_number, mono=True)


def timeline(view: View, events: QuerySet[TraceEvent]) -> Section:
    """Return what happened, oldest first, saying so when it is shortened."""
    told = with_lots(events).order_by("event_time", "pk")
    shown, count = view.counted(told, TIMELINE_SHOWN)
    entries = [
        TimelineEntry(
            at=event.event_time,
            title=event_words(event),
            detail=" · ".join(
                part
                for part in (lots_named(event), str(event.location or event.site.code), event.note)
                if part
            ),
            who=str(event.performed_by),
            tone="bad" if event.biz_step == "destroying" else "info",
            url=f"/trace-events/{event.pk}/",
        )
        for event in shown
    ]
    facts = {"shown": len(entries), "count": count}
    note = _("The first %(shown)s of %(count)s.") % facts if count > len(entries) else ""
    return Section("story", _("What happened"), timeline=entries, count=count, note=note)
