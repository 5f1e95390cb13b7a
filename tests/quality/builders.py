"""Makes plans, receipts, batches and deviations for tests, through the operations."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from erp.accounts.models import Site, User
from erp.core import clock
from erp.masterdata.models import Item
from erp.production.models import WorkOrder
from erp.production.operations import (
    complete_work_order,
    issue_material,
    plan_work_order,
    report_production,
    start_work_order,
)
from procurement.models import PurchaseOrder
from procurement.operations import (
    approve_supplier,
    draft_supplier_approval,
    place_order,
    receive_goods,
)
from quality.inspection.models import Inspection, InspectionPlan
from quality.inspection.operations import decide_inspection, record_results, write_inspection_plan
from quality.nonconformity.models import Deviation
from quality.nonconformity.operations import (
    disposition_deviation,
    open_deviation,
    review_deviation,
)
from tests.conftest import ctx_for, signed
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item, make_partner, place
from traceability.models import Lot

_count = itertools.count(1)

DIAMETER = {
    "name": "Diameter",
    "kind": "measured",
    "lower": "9.9",
    "upper": "10.1",
    "unit": "mm",
    "method": "caliper",
}
SURFACE = {"name": "Surface", "kind": "attribute", "method": "by eye"}


def plan(user: User, item: Item, *rows: dict[str, Any], stage: str = "incoming") -> InspectionPlan:
    """Write a plan; unless told otherwise with one measured and one judged characteristic."""
    return write_inspection_plan(
        ctx_for(user),
        item_id=item.pk,
        stage=stage,
        characteristics=list(rows or (DIAMETER, SURFACE)),
    )


def ordered(ada: User, ben: User, site: Site, item: Item, quantity: int = 100) -> PurchaseOrder:
    """Order an item from a supplier approved for it."""
    supplier = make_partner()
    later = clock.today() + dt.timedelta(days=365)
    approval = draft_supplier_approval(
        ctx_for(ben),
        supplier_id=supplier.pk,
        item_ids=[item.pk],
        risk_class="low",
        method="certificate",
        basis="ISO 13485 certificate",
        valid_until=later,
    )
    approve_supplier(signed(ada), approval_id=approval.pk)
    line: Any = {"item_id": item.pk, "quantity": quantity, "due_on": later}
    return place_order(ctx_for(ben), supplier_id=supplier.pk, site_id=site.pk, lines=[line])


def received(
    ada: User, ben: User, site: Site, item: Item | None = None, *, quantity: int = 100, **more: Any
) -> Lot:
    """Receive one lot through purchase order and receipt; it lies in quarantine."""
    what = item or make_item()
    order = ordered(ada, ben, site, what, quantity)
    number = f"R-{next(_count)}"
    store = place(site, "quarantine")
    line: Any = {"line": 1, "quantity": quantity, "number": number, **more}
    receive_goods(ctx_for(ben), order_id=order.pk, location_id=store.pk, lines=[line])
    return Lot.objects.get(number=number, item=what)


def inspected(ada: User, ben: User, site: Site, **more: Any) -> Inspection:
    """Return the open incoming inspection of a received lot whose item has a plan."""
    item = make_item()
    plan(ben, item)
    return Inspection.objects.get(lot=received(ada, ben, site, item, **more))


def results(inspection: Inspection, *, diameter: str = "10", surface: str = "pass") -> list[Any]:
    """Return one result for each characteristic of the usual plan."""
    return [
        {"characteristic_id": f"{inspection.plan}/1", "value": diameter},
        {"characteristic_id": f"{inspection.plan}/2", "verdict": surface},
    ]


def measured(user: User, inspection: Inspection, **values: str) -> Inspection:
    """Record one result for each characteristic of the usual plan."""
    rows = results(inspection, **values)
    return record_results(ctx_for(user), inspection_id=inspection.pk, results=rows)


def rejected(ada: User, ben: User, site: Site, *, quantity: int = 100) -> Inspection:
    """Return an incoming inspection that refused its lot, decided by Ben."""
    inspection = inspected(ada, ben, site, quantity=quantity)
    measured(ben, inspection, diameter="11")
    ctx = signed(ben, reason="too thick")
    return decide_inspection(ctx, inspection_id=inspection.pk, decision="reject")


def product(*, component: Item | None = None, **more: Any) -> Item:
    """Make a product followed by serial number within a lot, with one component."""
    bom = {component or make_item(): 1}
    return make_item(bom=bom, **{"kind": "product", "tracking": "both", **more})


def started(user: User, site: Site, item: Item, quantity: int = 3) -> tuple[WorkOrder, Lot]:
    """Start a work order with its material issued; return it with the material lot."""
    ctx = ctx_for(user)
    component = item.revisions.get().bom.get().component
    lot = lot_in_stock(user, site, item=component, quantity=quantity)
    order = plan_work_order(ctx, item_id=item.pk, quantity=Decimal(quantity), site_id=site.pk)
    start_work_order(ctx, work_order_id=order.pk)
    issue_material(
        ctx,
        work_order_id=order.pk,
        lot_id=lot.pk,
        quantity=Decimal(quantity),
        from_location_id=place(site, "storage").pk,
    )
    order.refresh_from_db()
    return order, lot


def reported(user: User, order: WorkOrder, material: Lot, *, by: User | None = None) -> Lot:
    """Report everything planned on an order and complete it; return the batch."""
    assert order.batch is not None
    quantity = int(order.quantity)
    serials = [{"serial": f"{order.batch.number}-{n}"} for n in range(1, quantity + 1)]
    made: dict[str, Any] = {"units": serials}
    if order.item.tracking == "lot":
        made = {"quantity": quantity}
    consumed = [{"lot_id": material.pk, "quantity": quantity}]
    report_production(ctx_for(by or user), work_order_id=order.pk, consumed=consumed, **made)
    complete_work_order(ctx_for(user), work_order_id=order.pk)
    order.batch.refresh_from_db()
    return order.batch


def finished(user: User, site: Site, item: Item | None = None, quantity: int = 3) -> Lot:
    """Make a batch of units through a work order; it lies in quarantine with an open inspection."""
    what = item or product()
    if not InspectionPlan.objects.effective().filter(item=what, stage="final").exists():
        plan(user, what, stage="final")
    order, material = started(user, site, what, quantity)
    return reported(user, order, material)


def accepted(user: User, lot: Lot) -> Inspection:
    """Measure and accept the open inspection of a lot."""
    inspection = Inspection.objects.open().get(lot=lot)
    measured(user, inspection)
    return decide_inspection(signed(user), inspection_id=inspection.pk, decision="accept")


def deviation(user: User, site: Site, *lots: Lot, **more: Any) -> Deviation:
    """Open a nonconformity on lots."""
    values = {"title": "Dent", "description": "A dent was seen.", "severity": "major", **more}
    ids = [lot.pk for lot in lots]
    return open_deviation(ctx_for(user), site_id=site.pk, lot_ids=ids, **values)


def reviewed(user: User, found: Deviation) -> Deviation:
    """Review a deviation."""
    return review_deviation(
        ctx_for(user),
        deviation_id=found.pk,
        evaluation="Only the surface is touched.",
        notify="Nobody: nothing was shipped.",
    )


def evaluated(user: User, found: Deviation) -> Deviation:
    """Review a deviation unless somebody did."""
    found.refresh_from_db()
    return reviewed(user, found) if found.state == "open" else found


def dispositioned(by: User, found: Deviation, disposition: str, **more: Any) -> Deviation:
    """Review a deviation and decide its disposition."""
    evaluated(by, found)
    return disposition_deviation(
        signed(by),
        deviation_id=found.pk,
        disposition=disposition,
        justification="The review board agreed.",
        **more,
    )


def stock_of(*lots: Lot) -> dict[str, int]:
    """Return how much lies of these lots in each status, whole units."""
    found: dict[str, int] = {}
    for lot in lots:
        for balance in lot.balances.filter(quantity__gt=0):
            found[balance.status] = found.get(balance.status, 0) + int(balance.quantity)
    return found
