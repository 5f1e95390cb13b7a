"""Django app of traceability."""

from django.apps import AppConfig


class TraceabilityConfig(AppConfig):
    """Lots, units, events, genealogy."""

    name = "traceability"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, records and trace origins."""
        from traceability import evidence, gates, records, scan, trace_origins  # noqa: F401, PLC0415
        from traceability.epcis import delivery, operations  # noqa: F401, PLC0415
        from traceability.epcis import records as epcis_records  # noqa: F401, PLC0415
        from traceability.epcis import trace as epcis_trace  # noqa: F401, PLC0415
