"""Pages and API forms of deviations, and what they add to the pages of other records."""

from quality.nonconformity.records import conceded, deviations, elsewhere

__all__ = ["conceded", "deviations", "elsewhere"]
