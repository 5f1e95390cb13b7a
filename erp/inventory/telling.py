"""What stock tells of a lot's story: what of it still lies where, and what is on hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext, ngettext, pgettext_lazy

from erp.core.quantities import ZERO, plain
from erp.inventory.models import Balance, StockStatus
from erp.inventory.queries import holds_reaching
from erp.inventory.trace import held
from erp.masterdata.models import Unit
from traceability.origins import Ids, Line, Scope, telling
from traceability.phrases import links, listed, names, number


@telling("now", title=pgettext_lazy("stage of a story", "Now"), order=80)
def now(scope: Scope) -> Sequence[Line]:
    """Say what still lies where, in which status, and what open holds reach, also before it."""
    return [
        *_lying(scope.own, scope.after),
        *_held(scope.on, _of_it),
        *_held(scope.before, _behind_it),
    ]


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


def _held(lots: Ids, said: Callable[[int], str]) -> Iterator[Line]:
    count = len(held(lots))
    if not count:
        return
    holds = list(holds_reaching(lots))
    facts = {"n": number(count), "why": names(hold.reason.rstrip(".") for hold in holds)}
    refs = links((str(hold), f"/holds/{hold.pk}/") for hold in holds)
    yield Line(said(count) % facts, refs, missing=True)


def _of_it(count: int) -> str:
    return ngettext(
        "%(n)s lot or unit of it is on hold: %(why)s.",
        "%(n)s lots and units of it are on hold: %(why)s.",
        count,
    )


def _behind_it(count: int) -> str:
    return ngettext(
        "%(n)s lot or unit that went into it is on hold: %(why)s.",
        "%(n)s lots and units that went into it are on hold: %(why)s.",
        count,
    )
