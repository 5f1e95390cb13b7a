"""Pages and API forms of inspection, and what it adds to the pages of others."""

from quality.inspection.records import elsewhere, inspections, plans, tasks

__all__ = ["elsewhere", "inspections", "plans", "tasks"]
