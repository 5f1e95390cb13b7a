"""The verbs of production, one module per noun."""

from erp.production.operations.cycles import (
    receive_from_subcontractor,
    require_process,
    send_to_subcontractor,
)
from erp.production.operations.material import issue_material, return_material
from erp.production.operations.report import report_production
from erp.production.operations.storage import move_to_storage
from erp.production.operations.work_orders import (
    cancel_work_order,
    complete_work_order,
    plan_work_order,
    start_work_order,
)

__all__ = [
    "cancel_work_order",
    "complete_work_order",
    "issue_material",
    "move_to_storage",
    "plan_work_order",
    "receive_from_subcontractor",
    "report_production",
    "require_process",
    "return_material",
    "send_to_subcontractor",
    "start_work_order",
]
