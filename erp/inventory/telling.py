"""What stock tells of a lot's story: what of it still lies where, and what is on hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext, ngettext, pgettext_lazy

from erp.core.quantities import ZERO, plain
from erp.inventory.models import Balance, Hold, HoldLine, StockStatus
from erp.masterdata.models import Unit
from traceability.origins import Ids, Line, Scope, telling
from traceability.phrases import links, listed, names, number


@telling("now", title=pgettext_lazy("stage of a story", "Now"), order=80)
def now(scope: Scope) -> Sequence[Line]:
    """Say what still lies where, in which status, and what an open hold reaches."""
    return [*_lying(scope.own, scope.after), *_held(scope.on)]


def _lying(own: Ids, after: Ids) -> Iterator[Line]:
    several = (
        (own, gettext("Of the lot itself, still in stock: %(list)s, at %(places)s.")),
        (after, gettext("Of what came of it, still in stock: %(list)s, at %(places)s.")),
    )
    for lots, said in several:
        rows = (
            Balance.objects.filter(lot__in=lots, quantity__gt=0)
            .order_by()
            .values("status", "location__code", "location_id", "lot__item__unit")
            .annotate(total=Sum("quantity"))
        )
        if not rows:
            continue
        amounts: dict[tuple[str, str], Decimal] = {}
        for row in rows:
            key = (row["status"], row["lot__item__unit"])
            amounts[key] = amounts.get(key, ZERO) + row["total"]
        parts = [
            gettext("%(q)s %(unit)s (%(status)s)")
            % {
                "q": plain(total),
                "unit": Unit(unit).label,
                "status": StockStatus(status).label,
            }
            for (status, unit), total in sorted(amounts.items())
        ]
        places = sorted({(row["location__code"], row["location_id"]) for row in rows})
        facts = {
            "list": listed(parts),
            "places": names(code for code, _pk in places),
        }
        yield Line(said % facts, links((code, f"/locations/{pk}/") for code, pk in places))


def _held(lots: Ids) -> Iterator[Line]:
    lines = HoldLine.objects.filter(lot__in=lots, hold__released_at__isnull=True)
    count = lines.aggregate(n=Count("lot", distinct=True))["n"]
    if count:
        holds = Hold.objects.filter(lines__in=lines).distinct().order_by("pk")
        said = ngettext(
            "%(n)s lot or unit of it is on hold: %(why)s.",
            "%(n)s lots and units of it are on hold: %(why)s.",
            count,
        )
        first = list(holds[:3])
        facts = {"n": number(count), "why": names(hold.reason.rstrip(".") for hold in first)}
        refs = links((str(hold), f"/holds/{hold.pk}/") for hold in first)
        yield Line(said % facts, refs, missing=True)
