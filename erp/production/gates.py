"""The questions production asks, and its answers to the questions of others."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core.errors import Blocker, RecordRef, Text
from erp.core.quantities import plain
from erp.gates import Answer, Question
from erp.inventory.queries import open_holds
from erp.production import queries
from erp.production.models import ProcessKind, WorkOrder
from erp.production.queries import ProcessGap
from traceability.gates import ISSUE, RELEASE, ref
from traceability.models import Lot

START = gates.define("work-order.start", _("May these work orders be started?"))
COMPLETE = gates.define("work-order.complete", _("May these work orders be completed?"))
SEND = gates.define("lot.send", _("May these lots be sent to a subcontractor?"))


def order_ref(order: WorkOrder) -> RecordRef:
    """Return the pointer to a work order."""
    url = f"/work-orders/{order.pk}/"
    return RecordRef("production.workorder", str(order.pk), order.number, url)


@gates.check(SEND)
def on_hold(question: Question) -> Iterator[Answer]:
    """What is on hold does not leave the house, not even for a process; each hold is named once."""
    named: set[int] = set()
    for lot_id, lines in open_holds(question.ids).items():
        for line in (line for line in lines if line.pk not in named):
            named.add(line.pk)
            facts = {"lot": line.lot.number, "hold": line.hold.number, "reason": line.hold.reason}
            sentence = _("%(lot)s is on hold %(hold)s: %(reason)s") % facts
            url = f"/holds/{line.hold_id}/"
            pointer = RecordRef("inventory.hold", str(line.hold_id), line.hold.number, url)
            yield Answer(lot_id, Blocker("lot.on_hold", sentence, pointer))


@gates.check(ISSUE)
def not_first_expiring(question: Question) -> Iterator[Answer]:
    """First expired, first out: asked when material is issued, passed by saying why not.

    Facts: ``fefo_site`` (id of the site whose storage is looked at; not asked without it) and
    ``reason``.
    """
    site_id = question.facts.get("fefo_site")
    if site_id is None or question.facts.get("reason"):
        return
    for lot_id, earlier in queries.earlier_expiring(question.ids, site_id).items():
        sentence = _(
            "%(lot)s expires earlier, on %(date)s, and is in storage. Use it first, or say why not."
        ) % {"lot": earlier.number, "date": earlier.expires_on}
        yield Answer(lot_id, Blocker("production.not_fefo", sentence, ref(earlier), waivable=True))


@gates.check(COMPLETE)
def material_not_settled(question: Question) -> Iterator[Answer]:
    """Everything issued was used or brought back."""
    left = queries.remaining_by_lot(question.ids)
    lots = Lot.objects.select_related("item").in_bulk({lot_id for _order, lot_id in left})
    for (order_id, lot_id), quantity in left.items():
        lot = lots[lot_id]
        sentence = _(
            "%(quantity)s %(unit)s of %(lot)s (%(item)s) were issued and neither used nor returned."
        ) % {
            "quantity": plain(quantity),
            "unit": lot.item.unit,
            "lot": lot.number,
            "item": lot.item.code,
        }
        yield Answer(order_id, Blocker("production.material_not_settled", sentence, ref(lot)))


@gates.check(COMPLETE)
def nothing_reported(question: Question) -> Iterator[Answer]:
    """An order under which nothing was reported is cancelled, not completed."""
    for order in queries.orders_without_report(question.ids):
        sentence = _("Nothing was reported on %(order)s yet.") % {"order": order.number}
        yield Answer(order.pk, Blocker("production.nothing_reported", sentence, order_ref(order)))


@gates.check(COMPLETE)
def component_never_used(question: Question) -> Iterator[Answer]:
    """Every component of the bill of material went in; otherwise the chain has a hole."""
    orders = WorkOrder.objects.filter(pk__in=question.ids).with_output()
    made = {order.pk: order for order in orders if order.made}  # type: ignore[attr-defined]
    for order_id, item in queries.components_never_used(made):
        sentence = _("No %(item)s was reported as used on %(order)s.") % {
            "item": item.code,
            "order": made[order_id].number,
        }
        pointer = RecordRef("masterdata.item", str(item.pk), item.code, f"/items/{item.pk}/")
        yield Answer(
            order_id, Blocker("production.component_never_used", sentence, pointer, waivable=True)
        )


@gates.check(RELEASE)
def work_order_open(question: Question) -> Iterator[Answer]:
    """A batch is released after its work order was completed (ISO 13485, 8.2.6)."""
    batches = queries.batches_of(question.ids)
    orders = queries.open_orders_of(set(batches.values()))
    for lot_id, batch_id in batches.items():
        order = orders.get(batch_id)
        if order is not None:
            sentence = _("Work order %(order)s is not completed.") % {"order": order.number}
            yield Answer(lot_id, Blocker("production.work_order_open", sentence, order_ref(order)))


@gates.check(RELEASE)
def process_not_conforming(question: Question) -> Iterator[Answer]:
    """Every required special process of a batch has a conforming record (ISO 13485, 7.5.7)."""
    batches = queries.batches_of(question.ids)
    gaps: dict[int, list[ProcessGap]] = {}
    for gap in queries.process_gaps(set(batches.values())):
        gaps.setdefault(gap.batch_id, []).append(gap)
    for lot_id, batch_id in batches.items():
        for gap in gaps.get(batch_id, ()):
            yield Answer(
                lot_id,
                Blocker(f"production.process_{gap.problem}", _sentence(gap), _cycle_ref(gap)),
            )


def _sentence(gap: ProcessGap) -> Text:
    facts = {
        "process": ProcessKind(gap.kind).label,
        "cycle": gap.cycle.number if gap.cycle else "",
        "count": gap.count,
    }
    sentences: dict[str, Text] = {
        "missing": _("There is no record of the required process “%(process)s”."),
        "away": _("The batch is still away for “%(process)s” (%(cycle)s)."),
        "failed": _("The last cycle of “%(process)s”, %(cycle)s, does not conform."),
        "not_in_load": _("%(count)s units were not in the load of “%(process)s” (%(cycle)s)."),
    }
    return sentences[gap.problem] % facts


def _cycle_ref(gap: ProcessGap) -> RecordRef | None:
    cycle = gap.cycle
    if cycle is None:
        return None
    url = f"/process-cycles/{cycle.pk}/"
    return RecordRef("production.processcycle", str(cycle.pk), cycle.number, url)
