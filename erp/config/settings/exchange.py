"""Exchange of events by EPCIS: limits, whom to call, our company prefixes."""

from __future__ import annotations

from erp.config.settings.env import text

EPCIS_MAX_EVENTS = int(text("PROOFLINE_EPCIS_EVENTS", "10000"))
EPCIS_MAX_BYTES = int(text("PROOFLINE_EPCIS_MEGABYTES", "50")) * 1024 * 1024


def _list(name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text(name).split(",") if part.strip())


# Where set, subscribers are told at these hosts only; they may then be named without https.
EPCIS_WEBHOOK_HOSTS = _list("PROOFLINE_WEBHOOK_HOSTS")
# Only with the length of the company prefix can a Digital Link be written as an EPC URN.
GS1_COMPANY_PREFIXES = _list("PROOFLINE_GS1_PREFIXES")
