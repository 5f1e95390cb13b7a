"""The verbs of conversion, one module for each way."""

from erp.inventory.conversion.operations.converting import regrade_lot, repack_lot, rework_lot
from erp.inventory.conversion.operations.kits import assemble_kit
from erp.inventory.conversion.operations.parting import merge_lots, split_lot

__all__ = [
    "assemble_kit",
    "merge_lots",
    "regrade_lot",
    "repack_lot",
    "rework_lot",
    "split_lot",
]
