"""What production tells of a lot's story: how it was made, and how it was treated elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext, ngettext, pgettext_lazy

from erp.core.quantities import ZERO, plain
from erp.production.models import ProcessCycle, ProcessLoad, ProductionReport, WorkOrder
from traceability.models import Lot
from traceability.origins import Line, Scope, telling
from traceability.phrases import FEW, links, names, number, when


@telling("made", title=pgettext_lazy("stage of a story", "Made"), order=20)
def made(scope: Scope) -> Sequence[Line]:
    """Say under which work orders the lots were made, when, by whom, and what was scrapped."""
    batches = Lot.objects.filter(pk__in=scope.own, batch__isnull=False).values("batch_id")
    orders = WorkOrder.objects.filter(Q(batch__in=scope.own) | Q(batch__in=batches))
    by_order: dict[WorkOrder, list[ProductionReport]] = defaultdict(list)
    reports = ProductionReport.objects.filter(work_order__in=orders)
    related = reports.select_related("work_order__batch", "work_order__item", "reported_by")
    for report in related.order_by("reported_at", "pk"):
        by_order[report.work_order].append(report)
    told = [_making(order, told) for order, told in list(by_order.items())[:FEW]]
    more = len(by_order) - len(told)
    if more > 0:
        said = ngettext(
            "So was what %(n)s more work order made.",
            "So was what %(n)s more work orders made.",
            more,
        )
        told.append(Line(said % {"n": number(more)}))
    return told


def _making(order: WorkOrder, reports: Sequence[ProductionReport]) -> Line:
    scrapped = sum((report.scrapped for report in reports), ZERO)
    facts = {
        "lot": order.batch_number,
        "when": when(report.reported_at for report in reports),
        "order": order.number,
        "good": plain(sum((report.made for report in reports), ZERO)),
        "scrapped": plain(scrapped),
        "people": names(report.reported_by.name for report in reports),
    }
    said = gettext("%(lot)s was made %(when)s under %(order)s by %(people)s: %(good)s good.")
    if scrapped:
        said = gettext(
            "%(lot)s was made %(when)s under %(order)s by %(people)s: %(good)s good, %(scrapped)s"
            " scrapped."
        )
    return Line(said % facts, [(order.number, f"/work-orders/{order.pk}/")], reports[0].reported_at)


@telling("treated", title=pgettext_lazy("stage of a story", "Treated"), order=50)
def treated(scope: Scope) -> Sequence[Line]:
    """Say which cycles the lots and what came of them went through, and with what verdict."""
    loads = ProcessLoad.objects.filter(lot__in=scope.on)
    sums = dict(loads.order_by().values_list("cycle_id").annotate(total=Sum("quantity")))
    cycles = ProcessCycle.objects.filter(pk__in=sums).select_related("partner")
    by_kind: dict[tuple[str, str], list[ProcessCycle]] = defaultdict(list)
    for cycle in cycles.order_by("sent_at", "pk"):
        by_kind[cycle.kind, cycle.partner.name].append(cycle)
    return [line for group in by_kind.values() for line in _treatment(group, sums)]


def _treatment(cycles: Sequence[ProcessCycle], sums: dict[int, Decimal]) -> Iterator[Line]:
    back = [cycle for cycle in cycles if cycle.conforming]
    bad = [cycle for cycle in cycles if cycle.conforming is False]
    away = [cycle for cycle in cycles if cycle.conforming is None]
    sentences = (
        (
            back,
            gettext("%(q)s of it passed %(process)s at %(partner)s %(when)s: conforming."),
        ),
        (
            bad,
            gettext("%(q)s of it passed %(process)s at %(partner)s %(when)s: not conforming."),
        ),
        (away, gettext("%(q)s of it left %(when)s for %(process)s at %(partner)s, not back yet.")),
    )
    for group, said in sentences:
        if group:
            facts = {
                "q": plain(sum((sums[cycle.pk] for cycle in group), ZERO)),
                "process": group[0].get_kind_display(),
                "partner": group[0].partner.name,
                "when": when(cycle.received_at or cycle.sent_at for cycle in group),
            }
            refs = links((cycle.number, f"/process-cycles/{cycle.pk}/") for cycle in group)
            yield Line(said % facts, refs, group[0].sent_at, missing=group is away)
