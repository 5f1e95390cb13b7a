"""Puts lots into stock for tests: the fact of a receipt without a purchase order."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from django.db import transaction

from erp.accounts.models import Site, User
from erp.inventory.steps import MoveLine, Place, move
from erp.masterdata.models import Item
from tests.conftest import ctx_for
from tests.masterdata.builders import make_item, place
from traceability.models import Lot
from traceability.steps import Happening, create_lots, record

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
