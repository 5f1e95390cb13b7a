"""Storylines of sales: take the order, allocate, pick, ship, prove the delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from erp.insight.demo.stage import Stage, Storyline
from erp.insight.demo.supply import KEEPER
from erp.sales import operations as sales
from erp.sales.models import SalesOrder

USUAL_DAYS = 10
CARRIERS = {"LUB": "Hanse Express", "SUZ": "顺丰速运 SF Express"}
STEPS = ("open", "allocated", "picked", "shipped", "delivered")


@dataclass(frozen=True)
class Sale:
    """A customer's order: from which site, what, on which working day back, how far it goes."""

    customer: str
    site: str
    lines: Mapping[str, int]
    taken: int
    until: str = "delivered"
    ships_after: int = 2
    reference: str = ""
    due: int = 14

    def reaches(self, step: str) -> bool:
        """Tell whether the order gets as far as ``step``."""
        return STEPS.index(self.until) >= STEPS.index(step)


def _wanted_by(stage: Stage, plan: Sale) -> dt.date:
    if plan.taken > USUAL_DAYS:
        return stage.calendar.day(plan.taken - USUAL_DAYS)
    return stage.calendar.ahead(plan.due)


def sale(stage: Stage, plan: Sale) -> Storyline:
    """Tell one order as far as its plan goes."""
    yield stage.at(plan.taken, "09:50", plan.site)
    order: SalesOrder = stage.do(
        sales.take_order,
        "sofia",
        customer_id=plan.customer,
        site_id=plan.site,
        reference=plan.reference or f"{plan.customer[4:]}-{plan.taken:03d}",
        due_on=_wanted_by(stage, plan),
        lines=[{"item_id": code, "quantity": n} for code, n in plan.lines.items()],
    )
    if not plan.reaches("allocated"):
        return
    stage.do(sales.allocate, "sofia", order_id=order.pk)
    if not plan.reaches("picked"):
        return
    yield stage.at(plan.taken - plan.ships_after, "13:05", plan.site)
    stage.do(sales.pick_allocation, KEEPER[plan.site], order_id=order.pk)
    if not plan.reaches("shipped"):
        return
    shipment = stage.do(
        sales.ship_order,
        KEEPER[plan.site],
        order_id=order.pk,
        carrier=CARRIERS[plan.site],
        tracking=f"NH{order.number[-5:]}{plan.taken:03d}",
    )
    if not plan.reaches("delivered"):
        return
    yield stage.at(plan.taken - plan.ships_after - 2, "12:00", plan.site)
    stage.do(
        sales.confirm_delivery,
        "sofia",
        shipment_id=shipment.pk,
        received_by="Goods in, stamped",
    )
