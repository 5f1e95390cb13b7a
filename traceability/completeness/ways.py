"""How repairs of missing evidence are taken back: by a declaration, like any other event."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from traceability.corrections.ways import correctable, taken_back_by

correctable("traceability.record_missing_origin", "traceability.record_missing_material")
taken_back_by(
    _("An explanation is not taken back. Record what really happened as a repair."),
    "traceability.explain_finding",
)
