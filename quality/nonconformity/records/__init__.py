"""Pages and API forms of deviations, and what they add to the pages of lots."""

from quality.nonconformity.records import deviations, elsewhere

__all__ = ["deviations", "elsewhere"]
