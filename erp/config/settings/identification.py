"""Reading codes: what stands for FNC1, and how this installation's AHM codes are built."""

from __future__ import annotations

from erp.config.settings.env import text
from traceability.udi.substitutes import SUBSTITUTES

# Keyboard wedges write FNC1 (ASCII 29) as they are set up; several are told apart by spaces.
FNC1_SUBSTITUTES = tuple(text("PROOFLINE_FNC1").split()) or SUBSTITUTES
# Regular expressions, one a line, with groups named as traceability.udi.ahm says.
AHM_PATTERNS = tuple(text("PROOFLINE_AHM_PATTERNS").splitlines())
