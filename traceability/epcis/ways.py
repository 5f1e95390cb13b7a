"""How captured events are taken back: whoever told them declares them wrong."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from traceability.corrections.ways import taken_back_by

taken_back_by(
    _("A partner told this event. The partner declares it wrong, and that is captured like it."),
    "traceability.capture_document",
    "traceability.capture_event",
    "traceability.capture_events",
    "traceability.link_event",
)
