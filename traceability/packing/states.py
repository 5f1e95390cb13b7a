"""States of a logistic unit."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from erp.core.states import StateTable


class CarrierState(StrEnum):
    """Life of a logistic unit."""

    OPEN = "open"
    SHIPPED = "shipped"
    BROKEN_UP = "broken_up"


CARRIER = StateTable(
    name="logistic unit",
    initial=CarrierState.OPEN,
    steps={
        (CarrierState.OPEN, "pack"): CarrierState.OPEN,
        (CarrierState.OPEN, "unpack"): CarrierState.OPEN,
        (CarrierState.OPEN, "move"): CarrierState.OPEN,
        (CarrierState.OPEN, "ship"): CarrierState.SHIPPED,
        (CarrierState.OPEN, "break up"): CarrierState.BROKEN_UP,
        # The shipment was declared not to have happened: the goods never left.
        (CarrierState.SHIPPED, "bring back"): CarrierState.OPEN,
    },
    labels={
        CarrierState.OPEN: _("in house"),
        CarrierState.SHIPPED: _("shipped"),
        CarrierState.BROKEN_UP: _("broken up"),
    },
    tones={
        CarrierState.OPEN: "info",
        CarrierState.SHIPPED: "good",
        CarrierState.BROKEN_UP: "draft",
    },
)
