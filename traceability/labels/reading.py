"""What a scanner hands over when a person scans a label, compared with what was printed.

Scanners differ: one sends the symbology identifier first, one drops the separators, one shows
application identifiers in brackets. Compared is what remains equal in all of these.
"""

from __future__ import annotations

import re

from traceability.identifiers.pi import FNC1
from traceability.labels.models import LabelLine

_PREFIX = re.compile(r"^\][A-Za-z][0-9]")


def same_label(scanned: str, line: LabelLine) -> bool:
    """Tell whether a scan is the content of a label, in any form scanners send it."""
    text = _PREFIX.sub("", scanned.strip())
    return text == line.plain or _bare(text) == _bare(line.content)


def _bare(text: str) -> str:
    return "".join(text.replace(FNC1, "").split())
