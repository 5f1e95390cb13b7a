"""Reading everything people scan or type: who issued the code, what it names, how sure that is.

Pure reading: no database and no settings. ``parse`` is the one entry; a bad code raises
``UdiRefused`` with position, reason and what was expected, a doubtful one is refused too unless the
caller permits it, and then carries a warning. What the result leads to is ``traceability.scan``.
See docs/behaviour/identification.md.
"""

from traceability.udi.errors import UdiRefused
from traceability.udi.parse import parse
from traceability.udi.reading import Element, Finding, Issuer, Precision, Reading, Stated
from traceability.udi.terms import Level, Tolerance

__all__ = [
    "Element",
    "Finding",
    "Issuer",
    "Level",
    "Precision",
    "Reading",
    "Stated",
    "Tolerance",
    "UdiRefused",
    "parse",
]
