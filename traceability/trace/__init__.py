"""The trace: from any lots, backward, forward or both, walked in the database."""

from traceability.trace.answer import Answer, Counts, Direction, Gap, Group, Link, Node
from traceability.trace.query import Filter, Trace
from traceability.trace.siblings import Siblings
from traceability.trace.start import Start, StartRecord, resolve

__all__ = [
    "Answer",
    "Counts",
    "Direction",
    "Filter",
    "Gap",
    "Group",
    "Link",
    "Node",
    "Siblings",
    "Start",
    "StartRecord",
    "Trace",
    "resolve",
]
