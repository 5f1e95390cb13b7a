"""States of sales orders, allocations and shipments."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from erp.core.states import StateTable


class OrderState(StrEnum):
    """Life of a sales order."""

    OPEN = "open"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


SALES_ORDER = StateTable(
    name="sales order",
    initial=OrderState.OPEN,
    steps={
        (OrderState.OPEN, "allocate"): OrderState.OPEN,
        (OrderState.OPEN, "pick"): OrderState.OPEN,
        (OrderState.OPEN, "withdraw"): OrderState.OPEN,
        (OrderState.OPEN, "ship"): OrderState.OPEN,
        (OrderState.OPEN, "close"): OrderState.SHIPPED,
        (OrderState.OPEN, "cancel"): OrderState.CANCELLED,
        # A shipment was declared not to have happened.
        (OrderState.SHIPPED, "reopen"): OrderState.OPEN,
    },
    labels={
        OrderState.OPEN: _("open"),
        OrderState.SHIPPED: _("shipped"),
        OrderState.CANCELLED: _("cancelled"),
    },
    tones={
        OrderState.OPEN: "waiting",
        OrderState.SHIPPED: "good",
        OrderState.CANCELLED: "draft",
    },
)


class AllocationState(StrEnum):
    """Life of a promise of one lot to one order line."""

    HELD = "held"
    PICKED = "picked"
    SHIPPED = "shipped"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


ACTIVE = (AllocationState.HELD, AllocationState.PICKED)
"""States in which an allocation takes its quantity from everyone else."""

ALLOCATION = StateTable(
    name="allocation",
    initial=AllocationState.HELD,
    steps={
        (AllocationState.HELD, "pick"): AllocationState.PICKED,
        (AllocationState.HELD, "ship"): AllocationState.SHIPPED,
        (AllocationState.PICKED, "ship"): AllocationState.SHIPPED,
        (AllocationState.HELD, "break"): AllocationState.BROKEN,
        (AllocationState.PICKED, "break"): AllocationState.BROKEN,
        (AllocationState.HELD, "withdraw"): AllocationState.WITHDRAWN,
        (AllocationState.PICKED, "withdraw"): AllocationState.WITHDRAWN,
        (AllocationState.SHIPPED, "bring back"): AllocationState.WITHDRAWN,
    },
    labels={
        AllocationState.HELD: _("reserved"),
        AllocationState.PICKED: _("picked"),
        AllocationState.SHIPPED: _("shipped"),
        AllocationState.BROKEN: _("broken by a hold"),
        AllocationState.WITHDRAWN: _("withdrawn"),
    },
    tones={
        AllocationState.HELD: "waiting",
        AllocationState.PICKED: "info",
        AllocationState.SHIPPED: "good",
        AllocationState.BROKEN: "bad",
        AllocationState.WITHDRAWN: "draft",
    },
)


class ShipmentState(StrEnum):
    """Life of a shipment."""

    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    VOID = "void"


SHIPMENT = StateTable(
    name="shipment",
    initial=ShipmentState.IN_TRANSIT,
    steps={
        (ShipmentState.IN_TRANSIT, "deliver"): ShipmentState.DELIVERED,
        (ShipmentState.IN_TRANSIT, "void"): ShipmentState.VOID,
    },
    labels={
        ShipmentState.IN_TRANSIT: _("in transit"),
        ShipmentState.DELIVERED: _("delivered"),
        ShipmentState.VOID: _("declared wrong"),
    },
    tones={
        ShipmentState.IN_TRANSIT: "info",
        ShipmentState.DELIVERED: "good",
        ShipmentState.VOID: "bad",
    },
)
