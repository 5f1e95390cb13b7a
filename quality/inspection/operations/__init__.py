"""Operations of inspection, one file per noun."""

from quality.inspection.operations.decisions import decide_inspection
from quality.inspection.operations.plans import write_inspection_plan
from quality.inspection.operations.results import record_results

__all__ = ["decide_inspection", "record_results", "write_inspection_plan"]
