"""Storylines of purchasing: order, receive into quarantine, inspect, decide, put away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp.insight.demo import goods, tools
from erp.insight.demo.stage import Stage, Storyline
from erp.inventory import operations as inventory
from erp.inventory.models import Balance, StockStatus
from erp.masterdata.models import Item, Location
from procurement import operations as procurement
from procurement.models import PurchaseOrder, Receipt
from quality.inspection import operations as inspection
from quality.inspection.models import Characteristic, Inspection
from traceability.models import Lot

KEEPER = {"LUB": "maria", "SUZ": "lilan"}
INSPECTOR = {"LUB": "tomas", "SUZ": "chenhao"}


@dataclass(frozen=True)
class Line:
    """What is ordered of one item, and how it will arrive."""

    item: str
    quantity: str
    supplier_lot: str
    price: str = "1"
    serials: Sequence[str] = ()
    expires_in: int | None = None
    """Days from today; empty: by the shelf life of the item."""


@dataclass(frozen=True)
class Purchase:
    """A purchase: who delivers what where, on which working days back, and how it is judged."""

    supplier: str
    site: str
    lines: Sequence[Line]
    ordered: int
    arrives: int | None = None
    inspected: int | None = None
    due: int | None = None
    """Due date in calendar days from today; empty: the day of arrival."""
    bad: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Per item: the values out of limits, by characteristic."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Per item: the quantity refused, ``all`` for everything."""
    why: str = ""
    requirements: str = "Certificate 3.1 with every delivery. Tell us before any change of process."


def purchase(stage: Stage, plan: Purchase) -> Storyline:
    """Tell one purchase as far as its plan goes."""
    yield stage.at(plan.ordered, "09:10", plan.site)
    order = _order(stage, plan)
    if plan.arrives is None:
        return
    yield stage.at(plan.arrives, "10:20", plan.site)
    receipt = _receive(stage, plan, order)
    if plan.inspected is None:
        return
    yield stage.at(plan.inspected, "13:30", plan.site)
    for lot in Lot.objects.filter(receipt_lines__receipt=receipt).select_related("item"):
        _judge(stage, plan, lot)
        _put_away(stage, plan.site, lot)


def _order(stage: Stage, plan: Purchase) -> PurchaseOrder:
    due = stage.calendar.day(plan.arrives or 0)
    if plan.due is not None:
        due = stage.calendar.ahead(plan.due)
    made: PurchaseOrder = stage.do(
        procurement.place_order,
        "karl",
        supplier_id=plan.supplier,
        site_id=plan.site,
        currency="CNY" if plan.site == "SUZ" else "EUR",
        requirements=plan.requirements,
        lines=[
            {"item_id": x.item, "quantity": x.quantity, "due_on": due, "unit_price": x.price}
            for x in plan.lines
        ],
    )
    return made


def _receive(stage: Stage, plan: Purchase, order: PurchaseOrder) -> Receipt:
    certified = set(Item.objects.filter(certificate_required=True).values_list("code", flat=True))
    made: Receipt = stage.do(
        procurement.receive_goods,
        KEEPER[plan.site],
        order_id=order.pk,
        location_id=f"{plan.site}-QUAR",
        delivery_note=f"DN-{order.number[-5:]}-{plan.supplier[4:]}",
        lines=[
            {
                "line": position,
                "quantity": x.quantity,
                "supplier_lot": x.supplier_lot,
                "manufactured_on": stage.moment.date() - dt.timedelta(days=40),
                "expires_on": None if x.expires_in is None else stage.calendar.ahead(x.expires_in),
                "certificate_number": f"3.1/{x.supplier_lot}" if x.item in certified else "",
                "serials": list(x.serials),
            }
            for position, x in enumerate(plan.lines, start=1)
        ],
    )
    return made


def _judge(stage: Stage, plan: Purchase, lot: Lot) -> None:
    code = lot.item.code
    measure(stage, plan.site, lot, bad=plan.bad.get(code, {}))
    refused = plan.refused.get(code, "")
    if refused == "all":
        decide(stage, plan.site, lot, "reject", reason=plan.why)
    elif refused:
        part = Decimal(refused)
        decide(stage, plan.site, lot, "part", reason=plan.why, rejected_quantity=part)
    else:
        decide(stage, plan.site, lot, "accept")


def measure(stage: Stage, site: str, lot: Lot, *, bad: Mapping[str, str] | None = None) -> None:
    """Record good results for everything the plan asks; ``bad`` gives the last sample's bad
    ones.
    """
    found = Inspection.objects.get(lot=lot, state="open")
    samples = goods.samples_to_take(found.stage, found.quantity)
    looks = {look.name: look for look in goods.PLANS[(lot.item.code, found.stage)]}
    wanted = Characteristic.objects.filter(plan=found.plan_id).order_by("position")
    last = {look.name: 1 if look.once else samples for look in looks.values()}
    rows = [
        _result(site, c, looks[c.name], n, (bad or {}).get(c.name) if n == last[c.name] else None)
        for c in wanted
        for n in range(1, last[c.name] + 1)
    ]
    stage.do(inspection.record_results, INSPECTOR[site], inspection_id=found.pk, results=rows)


def _result(
    site: str, characteristic: Characteristic, look: goods.Look, sample: int, bad: str | None
) -> dict[str, Any]:
    row: dict[str, Any] = {"characteristic_id": characteristic.pk, "sample": sample}
    if look.good:
        step = Decimal(1).scaleb(Decimal(look.good).as_tuple().exponent)  # type: ignore[arg-type]
        row["value"] = bad or str(Decimal(look.good) + step * (sample - 2))
    else:
        row["verdict"] = "fail" if bad else "pass"
    if look.tool:
        row["instrument_id"] = tools.BY_KIND[(site, look.tool)]
    return row


def decide(
    stage: Stage, site: str, lot: Lot, decision: str, *, reason: str = "", **more: Any
) -> None:
    """Sign the decision on the open inspection of a lot."""
    found = Inspection.objects.get(lot=lot, state="open")
    stage.do(
        inspection.decide_inspection,
        INSPECTOR[site],
        reason=reason,
        inspection_id=found.pk,
        decision=decision,
        **more,
    )


def _put_away(stage: Stage, site: str, lot: Lot) -> None:
    """Bring what became usable from the quarantine store to the main store, unit by unit."""
    lying = Balance.objects.filter(
        location__site__code=site,
        location__kind=Location.Kind.QUARANTINE,
        status=StockStatus.AVAILABLE,
        quantity__gt=0,
    )
    for balance in [*lying.filter(lot=lot), *lying.filter(lot__batch=lot)]:
        stage.do(
            inventory.transfer_stock,
            KEEPER[site],
            lot_id=balance.lot_id,
            from_location_id=f"{site}-QUAR",
            to_location_id=f"{site}-STORE",
            quantity=balance.quantity,
        )
