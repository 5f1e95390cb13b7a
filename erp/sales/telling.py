"""What delivery tells of a lot's story: to whom it went, and what came back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Count, Max, Min, Sum
from django.utils.translation import gettext, ngettext, pgettext_lazy

from erp.core.quantities import plain
from erp.sales.models import CustomerReturn, CustomerReturnLine, Shipment, ShipmentLine
from traceability.origins import Ids, Line, Scope, telling
from traceability.phrases import FEW, links, names, number, when


@telling("delivered", title=pgettext_lazy("stage of a story", "Delivered"), order=70)
def delivered(scope: Scope) -> Sequence[Line]:
    """Say how much of it went to how many customers in how many countries, and what came back."""
    lots = scope.on
    return [*_out(lots), *_back(lots)]


def _out(lots: Ids) -> Iterator[Line]:
    lines = ShipmentLine.objects.filter(lot__in=lots)
    sums = lines.aggregate(
        total=Sum("quantity"),
        customers=Count("shipment__customer", distinct=True),
        countries=Count("shipment__country", distinct=True),
        first=Min("shipment__shipped_at"),
        last=Max("shipment__shipped_at"),
    )
    if not sums["customers"]:
        return
    shipments = Shipment.objects.filter(lines__in=lines).distinct().order_by("shipped_at", "pk")
    few = list(shipments.select_related("customer")[: FEW + 1])
    facts = {
        "q": plain(sums["total"]),
        "when": when([sums["first"], sums["last"]]),
        "names": names(f"{s.ship_to_name} ({s.country})" for s in few),
        "customers": ngettext("%(n)s customer", "%(n)s customers", sums["customers"])
        % {"n": number(sums["customers"])},
        "countries": ngettext("%(n)s country", "%(n)s countries", sums["countries"])
        % {"n": number(sums["countries"])},
    }
    said = gettext("%(q)s of it went %(when)s to %(customers)s in %(countries)s.")
    if len({s.ship_to_name for s in few}) <= FEW and len(few) <= FEW:
        said = gettext("%(q)s of it went %(when)s to %(names)s.")
    yield Line(said % facts, links((s.number, f"/shipments/{s.pk}/") for s in few), sums["first"])


def _back(lots: Ids) -> Iterator[Line]:
    lines = CustomerReturnLine.objects.filter(shipment_line__lot__in=lots)
    returns = list(CustomerReturn.objects.filter(lines__in=lines).distinct().order_by("pk"))
    if not returns:
        return
    total = lines.aggregate(total=Sum("quantity"))["total"]
    said = gettext("%(q)s of it came back from customers %(when)s: %(cause)s")
    facts = {
        "q": plain(total),
        "when": when(made.received_at for made in returns),
        "cause": names(made.cause for made in returns),
    }
    refs = links((made.number, f"/returns/{made.pk}/") for made in returns)
    yield Line(said % facts, refs, returns[0].received_at)
