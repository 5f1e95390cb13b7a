"""CBV business steps in the words people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text

if TYPE_CHECKING:
    from traceability.models import TraceEvent

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


OUTCOMES: dict[tuple[str, str], Text] = {
    # Accepted, in part or by concession: of which goods, the record of the inspection says.
    ("inspecting", "conformant"): _("Inspection decided"),
    ("inspecting", "non_conformant"): _("Refused at inspection"),
}
"""Steps whose disposition is what people want to know of them."""


def step_words(biz_step: str, disposition: str = "") -> Text:
    """Return a business step in words, with its outcome where it has one; an unknown one as it
    is.
    """
    known = OUTCOMES.get((biz_step, disposition)) or STEPS.get(biz_step)
    return known or biz_step.replace("_", " ")


def event_words(event: TraceEvent) -> Text:
    """Return in words what happened in an event."""
    return step_words(event.biz_step, event.disposition)
