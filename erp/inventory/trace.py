"""What stock tells a trace: what is on hold, what still lies where, who was near an excursion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.core.quantities import ZERO, plain
from erp.inventory.models import Balance, HoldLine, StockMove
from erp.masterdata.models import Unit
from traceability.ids import id_array
from traceability.models import standing
from traceability.origins import FacetRow, facet, figure, lot_origin, mark, tally
from traceability.whereabouts import Place, place_finder

Ids = Collection[int]
When = dt.datetime | None


# From the open holds, which are few, to the lots. Plain SQL: a trace asks this each time, and an
# answer of a few lots should not wait for the building of the statement.
_HELD = """
    WITH open_lines AS MATERIALIZED (
        SELECT x.lot_id FROM inventory_holdline x JOIN inventory_hold h ON h.id = x.hold_id
        WHERE h.released_at IS NULL),
    asked AS MATERIALIZED (SELECT unnest(%s::bigint[]) AS lot_id)
    SELECT lot_id FROM open_lines WHERE lot_id IN (SELECT lot_id FROM asked)
    UNION
    SELECT u.id FROM open_lines x JOIN traceability_lot u ON u.batch_id = x.lot_id
    WHERE u.id IN (SELECT lot_id FROM asked)"""


@mark("held", label=_("on hold"), tone="bad")
def held(lot_ids: Ids) -> Collection[int]:
    """Return the lots that an open hold reaches, their own or their batch's."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [id_array(lot_ids)])
        return {lot_id for (lot_id,) in cursor.fetchall()}


@figure("on_hand", label=_("on hand"), sign=-1, order=50)
def on_hand(lot_ids: Ids) -> Mapping[int, Decimal]:
    """Return what lies at physical places, in every status."""
    rows = (
        Balance.objects.filter(lot_id__in=lot_ids).values("lot_id").annotate(total=Sum("quantity"))
    )
    return {row["lot_id"]: row["total"] for row in rows}


@place_finder
def in_stores(actor: Actor, lot_ids: Ids) -> Iterator[Place]:
    """Yield the stores in which lots lie; of other sites only that something lies there."""
    lying = Balance.objects.filter(lot_id__in=lot_ids, quantity__gt=0, location__virtual=False)
    rows = lying.values_list("lot_id", "location_id", "location__code", "location__site_id")
    sums = rows.annotate(total=Sum("quantity")).order_by("lot_id", "location__code")
    for lot_id, pk, code, site_id, total in sums:
        if actor.sees_site(site_id):
            yield Place(lot_id, code, f"/locations/{pk}/", total)
        else:
            yield Place(lot_id, _now("at a site you may not see"), "", total)


@tally("in_stock", order=90, backward=False, remark=True)
def in_stock(event_ids: Ids, lot_ids: Ids) -> Text:
    """Say how many of the lots still lie somewhere."""
    lying = Balance.objects.filter(lot_id__in=lot_ids, quantity__gt=0)
    count = lying.aggregate(n=Count("lot_id", distinct=True))["n"]
    return (
        ngettext("%(n)s lot or unit still in stock", "%(n)s lots and units still in stock", count)
        % {"n": count}
        if count
        else ""
    )


@facet("stock", title=_("Where it lies"), order=70, backward=False)
def stock(event_ids: Ids, lot_ids: Ids) -> Sequence[FacetRow]:
    """Return each place where lots of the trace lie, with how many."""
    lying = (
        Balance.objects.filter(lot_id__in=lot_ids, quantity__gt=0)
        .values("location_id", "location__code", "location__name", "lot__item__unit")
        .annotate(total=Sum("quantity"), lots=Count("lot_id", distinct=True))
        .order_by("location__code", "lot__item__unit")
    )
    return [
        FacetRow(
            label=f"{row['location__code']} {row['location__name']}",
            url=f"/locations/{row['location_id']}/",
            detail=ngettext(
                "%(q)s %(unit)s of %(n)s lot", "%(q)s %(unit)s of %(n)s lots", row["lots"]
            )
            % {
                "q": plain(row["total"]),
                "unit": Unit(row["lot__item__unit"]).label,
                "n": row["lots"],
            },
        )
        for row in lying
    ]


@lot_origin("hold", label=_("hold"), model="inventory.Hold", key="number")
def held_by(ids: Ids, since: When, until: When) -> Ids:
    """Return the lots that these holds name."""
    return set(HoldLine.objects.filter(hold__in=ids).values_list("lot_id", flat=True))


@lot_origin("location", label=_("location"), model="masterdata.Location", key="code", period=True)
def lain_at(ids: Ids, since: When, until: When) -> Ids:
    """Return the lots that lay at these places in a period: there at its start, or brought in
    during it.
    """
    # A move declared wrong brought nothing here, and neither did the row that took it back.
    came = StockMove.objects.filter(standing(), to_location_id__in=ids)
    brought = came.filter(event__event_time__lt=until) if until else came
    if since is None:
        return set(brought.values_list("lot_id", flat=True))
    during = set(brought.filter(event__event_time__gte=since).values_list("lot_id", flat=True))
    return during | _lying_at(ids, since)


def _lying_at(ids: Ids, moment: dt.datetime) -> set[int]:
    """Return the lots of which something lay at these places at a moment."""
    before = Q(event__event_time__lt=moment)
    sums: dict[tuple[int, int], Decimal] = {}
    for place, sign in (("to_location_id", 1), ("from_location_id", -1)):
        rows = StockMove.objects.filter(before, **{f"{place}__in": ids})
        for row in rows.values("lot_id", at=F(place)).annotate(
            total=Coalesce(Sum("quantity"), ZERO)
        ):
            key = (row["lot_id"], row["at"])
            sums[key] = sums.get(key, ZERO) + sign * row["total"]
    return {lot_id for (lot_id, _place), total in sums.items() if total > 0}
