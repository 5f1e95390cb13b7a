"""Puts lots into stock for tests: the fact of a receipt without a purchase order."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from erp.accounts.models import Site, User
from erp.inventory.corrections.operations import declare_error
from erp.inventory.models import Balance
from erp.inventory.operations import transfer_stock
from erp.inventory.steps import MoveLine, Place, move
from erp.masterdata.models import Item
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import make_item, place
from traceability.models import ErrorDeclaration, Lot, TraceEvent
from traceability.steps import Happening, create_lots, record
from traceability.trace.balance import balance

_count = itertools.count(1)


def lot_in_stock(
    user: User,
    site: Site,
    *,
    quantity: int | str = 100,
    state: str = "released",
    item: Item | None = None,
    **more: Any,
) -> Lot:
    """Make a lot that lies in the site's store, available when released and in quarantine
    otherwise.
    """
    ctx = ctx_for(user)
    status = "available" if state == "released" else "quarantine"
    values = {"number": f"L-{next(_count)}", "kind": "lot", **more}
    with transaction.atomic():
        lot = create_lots(ctx, [Lot(item=item or make_item(), site=site, state=state, **values)])[0]
        happening = Happening(
            kind="object",
            action="ADD",
            biz_step="receiving",
            site_id=site.pk,
            outputs={lot.pk: Decimal(quantity)},
        )
        event = record(ctx, happening)
        source, target = Place(place(site, "supplier")), Place(place(site, "storage"), status)
        move(ctx, event, [MoveLine(lot, Decimal(quantity), source, target)])
    return lot


def balances(*lots: Lot) -> dict[tuple[str, str, str], Decimal]:
    """Return what lies where: lot number, place, status."""
    rows = Balance.objects.filter(quantity__gt=0)
    rows = rows.filter(lot__in=lots) if lots else rows
    columns = ("lot__number", "location__kind", "status", "quantity")
    return {(lot, kind, status): q for lot, kind, status, q in rows.values_list(*columns)}


def last_event(lot: Lot, biz_step: str = "") -> TraceEvent:
    """Return the newest event that names a lot."""
    named = Q(inputs__lot=lot) | Q(outputs__lot=lot) | Q(subjects__lot=lot)
    rows = TraceEvent.objects.standing().filter(named).distinct()
    rows = rows.filter(biz_step=biz_step) if biz_step else rows
    return rows.order_by("-pk")[0]


def declare_wrong(
    user: User, event: TraceEvent, error: str = "did_not_occur", reason: str = "mistyped"
) -> ErrorDeclaration:
    """Declare an event wrong, signed."""
    return declare_error(signed(user, reason=reason), event_id=event.pk, error=error)


def transferred(
    user: User, lot: Lot, quantity: int, source: str = "storage", target: str = "line"
) -> TraceEvent:
    """Move a quantity of a lot between places of its site; return the event."""
    transfer_stock(
        ctx_for(user),
        lot_id=lot.pk,
        from_location_id=place(lot.site, source).pk,
        to_location_id=place(lot.site, target).pk,
        status="available",
        quantity=Decimal(quantity),
    )
    return last_event(lot, "storing")


def lies_balanced(*lots: Lot) -> bool:
    """Tell whether everything of these lots is accounted for."""
    return all(line.closed for line in balance([lot.pk for lot in lots]))
