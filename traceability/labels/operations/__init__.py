"""What people and machines may do with labels."""

from traceability.labels.operations.fate import (
    reconcile_labels,
    scrap_labels,
    take_back_count,
    use_labels,
)
from traceability.labels.operations.printing import (
    print_labels,
    refuse_labels,
    reprint_labels,
    store_labels,
)
from traceability.labels.operations.release import reject_labels, release_labels
from traceability.labels.operations.templates import (
    approve_label_template,
    draft_label_template,
    draft_label_version,
    retire_label_template,
    revise_label_template,
)

__all__ = [
    "approve_label_template",
    "draft_label_template",
    "draft_label_version",
    "print_labels",
    "reconcile_labels",
    "refuse_labels",
    "reject_labels",
    "release_labels",
    "reprint_labels",
    "retire_label_template",
    "revise_label_template",
    "scrap_labels",
    "store_labels",
    "take_back_count",
    "use_labels",
]
