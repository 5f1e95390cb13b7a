"""How what stock operations recorded is taken back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from traceability.corrections.ways import correctable, taken_back_by

correctable(
    "inventory.transfer_stock",
    "inventory.scrap_stock",
    "inventory.take_sample",
    "inventory.return_to_supplier",
    "inventory.count_stock",
    "inventory.split_lot",
    "inventory.merge_lots",
    "inventory.repack_lot",
    "inventory.regrade_lot",
    "inventory.rework_lot",
    "inventory.assemble_kit",
    "inventory.pack",
    "inventory.unpack",
    "inventory.move_logistic_unit",
    "inventory.replace_component",
)
taken_back_by(
    _("A hold is not unsaid: release it, with reason and signature."),
    "inventory.place_hold",
    "inventory.hold_lot",
)
taken_back_by(_("A release of a hold is not unsaid: place a new hold."), "inventory.release_hold")
taken_back_by(
    _("This is a correction. Record again what really happened."), "inventory.declare_error"
)
