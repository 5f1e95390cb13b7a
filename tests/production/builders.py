"""Makes products, work orders and material at the line for tests, through the operations."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from erp.accounts.models import Site, User
from erp.masterdata.models import BomLine, Item, Location
from erp.production.models import WorkOrder
from erp.production.operations import issue_material, plan_work_order, start_work_order
from tests.conftest import ctx_for
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item, make_partner, place
from traceability.models import Lot

_count = itertools.count(1)


def make_product(*components: Item, each: int | str = 1, **more: Any) -> Item:
    """Make a device of which one piece takes ``each`` of every component."""
    values = {"kind": "product", "tracking": "both", "shelf_life_days": 730, **more}
    return make_item(bom=dict.fromkeys(components, Decimal(each)), **values)


def recorded_per_unit(product: Item, component: Item) -> None:
    """Have this component recorded unit by unit."""
    BomLine.objects.filter(revision__item=product, component=component).update(per_unit=True)


def planned(user: User, site: Site, product: Item, *, quantity: int | str = 10) -> WorkOrder:
    """Plan a work order."""
    return plan_work_order(
        ctx_for(user), item_id=product.pk, quantity=Decimal(quantity), site_id=site.pk
    )


def started(user: User, site: Site, product: Item, *, quantity: int | str = 10) -> WorkOrder:
    """Plan a work order and start it."""
    order = planned(user, site, product, quantity=quantity)
    return start_work_order(ctx_for(user), work_order_id=order.pk)


def issue(user: User, order: WorkOrder, lot: Lot, quantity: int | str, *, reason: str = "") -> None:
    """Issue a quantity from the site's storage."""
    issue_material(
        ctx_for(user, reason=reason),
        work_order_id=order.pk,
        lot_id=lot.pk,
        quantity=Decimal(quantity),
        from_location_id=place(order.site, "storage").pk,
    )


def running(
    user: User, site: Site, *, quantity: int = 10, issued: int = 100, **more: Any
) -> tuple[WorkOrder, Lot]:
    """Start an order for units made of one material, and bring a lot of it to the line."""
    material = make_item()
    order = started(user, site, make_product(material, **more), quantity=quantity)
    lot = lot_in_stock(user, site, item=material, quantity=max(issued, 1))
    if issued:
        issue(user, order, lot, issued)
    return order, lot


def serials(count: int) -> list[dict[str, Any]]:
    """Return units with fresh serial numbers."""
    run = next(_count)
    return [{"serial": f"SN{run}-{n:05d}"} for n in range(count)]


def used(*pairs: tuple[Lot, int | str]) -> list[dict[str, Any]]:
    """Return rows of material used."""
    return [{"lot_id": lot.pk, "quantity": str(quantity)} for lot, quantity in pairs]


def subcontractor_place(site: Site) -> Location:
    """Make a subcontractor with a place of ours in their custody."""
    partner = make_partner(is_subcontractor=True)
    return Location.objects.create(
        site=site,
        code=f"{site.code}-{partner.code}",
        name="out",
        kind="subcontractor",
        partner=partner,
    )
