"""What a trace knows of delivery: where it may start, and where things went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.sales.models import (
    CustomerReturn,
    CustomerReturnLine,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
)
from erp.sales.queries import Delivery, delivered_lines, delivery_of
from erp.sales.states import ShipmentState
from traceability.models import TraceEvent
from traceability.origins import FacetRow, facet, origin, tally, within
from traceability.whereabouts import Place, place_finder


@origin("shipment", label=_("shipment"), model="sales.Shipment", period=False)
def shipment_events(
    ids: Collection[int], since: dt.datetime | None, until: dt.datetime | None
) -> QuerySet[TraceEvent]:
    """Return the events of these shipments."""
    links = ShipmentEvent.objects.filter(shipment_id__in=ids)
    return within(TraceEvent.objects.filter(pk__in=links.values("event_id")), since, until)


@origin("sales-order", label=_("sales order"), model="sales.SalesOrder", period=False)
def order_events(
    ids: Collection[int], since: dt.datetime | None, until: dt.datetime | None
) -> QuerySet[TraceEvent]:
    """Return the events of all shipments of these orders."""
    links = ShipmentEvent.objects.filter(shipment__order_id__in=ids)
    return within(TraceEvent.objects.filter(pk__in=links.values("event_id")), since, until)


@origin("customer", label=_("customer"), model="masterdata.Partner")
def customer_events(
    ids: Collection[int], since: dt.datetime | None, until: dt.datetime | None
) -> QuerySet[TraceEvent]:
    """Return the events of all shipments to these customers."""
    links = ShipmentEvent.objects.filter(shipment__customer_id__in=ids)
    return within(TraceEvent.objects.filter(pk__in=links.values("event_id")), since, until)


@facet("shipments", title=_("Shipments"), order=70, side="target", backward=False)
def shipments(event_ids: Collection[int], lot_ids: Collection[int]) -> Sequence[FacetRow]:
    """Return the shipments that lots of the trace left with: consignee, country, quantity."""
    of_trace = ShipmentLine.objects.standing().filter(lot_id__in=lot_ids)
    sums = (
        of_trace.order_by("shipment_id")
        .values("shipment_id")
        .annotate(total=Sum("quantity"), lots=ArrayAgg("lot_id"))
    )
    by_shipment = {row["shipment_id"]: row for row in sums}
    found = Shipment.objects.filter(pk__in=by_shipment).select_related("customer")
    return [
        FacetRow(
            label=shipment.ship_to_name,
            url=f"/shipments/{shipment.pk}/",
            detail=_detail(shipment, by_shipment[shipment.pk]["total"]),
            lot_ids=tuple(by_shipment[shipment.pk]["lots"]),
            at=shipment.shipped_at,
        )
        for shipment in found.order_by("shipped_at", "pk")
    ]


def _detail(shipment: Shipment, quantity: Decimal) -> str:
    facts = {
        "shipment": shipment.number,
        "country": shipment.country,
        "quantity": plain(quantity),
        "state": shipment.get_state_display(),
    }
    return _now("%(shipment)s, %(country)s: %(quantity)s, %(state)s") % facts


@place_finder
def with_consignees(actor: Actor, lot_ids: Collection[int]) -> Iterator[Place]:
    """Yield who received lots, or is to receive them, and did not send them back."""
    sent = delivered_lines(ShipmentLine.objects.standing().filter(lot_id__in=lot_ids))
    for delivery in map(delivery_of, sent):
        kept, shipment = delivery.quantity - delivery.returned, delivery.shipment
        if kept > 0:
            url = f"/shipments/{shipment.pk}/" if actor.sees_site(shipment.site_id) else ""
            yield Place(delivery.lot.pk, _whither(delivery), url, kept)


def _whither(delivery: Delivery) -> str:
    if delivery.shipment.state == ShipmentState.DELIVERED:
        return delivery.consignee
    return _now("on the way to %(consignee)s") % {"consignee": delivery.consignee}


@facet("returns", title=_("Customer returns"), order=72, backward=False)
def returns(event_ids: Collection[int], lot_ids: Collection[int]) -> Sequence[FacetRow]:
    """Return what customers sent back of the trace."""
    lines = CustomerReturnLine.objects.standing().filter(shipment_line__lot_id__in=lot_ids)
    sums = (
        lines.order_by("customer_return_id")
        .values("customer_return_id")
        .annotate(total=Sum("quantity"), lots=ArrayAgg("shipment_line__lot_id"))
    )
    by_return = {row["customer_return_id"]: row for row in sums}
    found = CustomerReturn.objects.filter(pk__in=by_return).select_related("shipment")
    return [
        FacetRow(
            label=made.number,
            url=f"/returns/{made.pk}/",
            detail=_now("%(quantity)s from %(consignee)s: %(cause)s")
            % {
                "quantity": plain(by_return[made.pk]["total"]),
                "consignee": made.shipment.ship_to_name,
                "cause": made.cause,
            },
            lot_ids=tuple(by_return[made.pk]["lots"]),
            at=made.received_at,
        )
        for made in found.order_by("received_at", "pk")
    ]


@tally("customers", order=70, backward=False)
def customers(event_ids: Collection[int], lot_ids: Collection[int]) -> str:
    """Say how many customers in how many countries received lots of the trace."""
    reached = Shipment.objects.exclude(state=ShipmentState.VOID).order_by()
    reached = reached.filter(lines__lot_id__in=lot_ids)
    pairs = set(reached.values_list("customer_id", "country").distinct())
    if not pairs:
        return ""
    who, where = len({c for c, _country in pairs}), len({country for _c, country in pairs})
    people = ngettext("%(n)s customer", "%(n)s customers", who) % {"n": who}
    lands = ngettext("%(n)s country", "%(n)s countries", where) % {"n": where}
    return _now("%(customers)s in %(countries)s") % {"customers": people, "countries": lands}
