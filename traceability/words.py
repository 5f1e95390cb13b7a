"""CBV business steps in the words people use."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text

STEPS: dict[str, Text] = {
    "receiving": _("Goods received"),
    "inspecting": _("Inspected"),
    "holding": _("Put on hold"),
    "hold_lifted": _("Hold released"),
    "storing": _("Stored"),
    "stocking": _("Put away"),
    "commissioning": _("Produced"),
    "assembling": _("Assembled"),
    "creating_class_instance": _("Lot made"),
    "sampling": _("Sampled"),
    "sterilizing": _("Sterilised"),
    "departing": _("Sent out"),
    "arriving": _("Came back"),
    "picking": _("Picked"),
    "packing": _("Packed"),
    "shipping": _("Shipped"),
    "returning": _("Returned"),
    "repairing": _("Repaired"),
    "replacing": _("Replaced"),
    "destroying": _("Destroyed"),
    "decommissioning": _("Decommissioned"),
    "accepting": _("Accepted"),
    "releasing": _("Released"),
    "staging_outbound": _("Staged for delivery"),
    "repackaging": _("Repacked"),
    "unpacking": _("Unpacked"),
    "installing": _("Built in"),
    "removing": _("Taken out"),
    "stock_taking": _("Counted"),
    "void_shipping": _("Shipment undone"),
}


def step_words(biz_step: str) -> Text:
    """Return a business step in words; an unknown one as it is."""
    return STEPS.get(biz_step, biz_step.replace("_", " "))
