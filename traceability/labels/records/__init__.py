"""Pages of labels."""

from traceability.labels.records import jobs, lots, tasks, templates

__all__ = ["jobs", "lots", "tasks", "templates"]
