"""Django app of traceability."""

from django.apps import AppConfig


class TraceabilityConfig(AppConfig):
    """Lots, units, events, genealogy."""

    name = "traceability"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, records and trace origins."""
        from traceability import evidence, gates, records, scan, trace_origins  # noqa: F401, PLC0415
        from traceability.completeness import (  # noqa: PLC0415
            chain_checks,  # noqa: F401
            delivery,  # noqa: F401
            lot_checks,  # noqa: F401
            run_records,  # noqa: F401
            trace,  # noqa: F401
        )
        from traceability.completeness import records as finding_records  # noqa: F401, PLC0415
        from traceability.saved import operations as saving  # noqa: F401, PLC0415
        from traceability.saved import records as saved_records  # noqa: F401, PLC0415
