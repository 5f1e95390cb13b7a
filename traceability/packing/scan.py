"""A scanned SSCC leads to its logistic unit."""

from __future__ import annotations

from collections.abc import Sequence

from erp.core.actor import Actor
from erp.ui.scan import Hit
from traceability.models import LogisticUnit
from traceability.scan import by_element


@by_element("00")
def logistic_unit(actor: Actor, sscc: str) -> Sequence[Hit]:
    """Lead to the box or pallet that bears this serial shipping container code."""
    found = LogisticUnit.objects.visible_to(actor).filter(sscc=sscc)
    return [
        Hit(unit.get_kind_display(), unit.sscc, "", f"/logistic-units/{unit.pk}/", "package")
        for unit in found
    ]
