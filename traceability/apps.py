"""Django app of traceability."""

from django.apps import AppConfig


class TraceabilityConfig(AppConfig):
    """Lots, units, events, genealogy."""

    name = "traceability"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, records and trace origins."""
        from traceability import (  # noqa: PLC0415
            evidence,  # noqa: F401
            gates,  # noqa: F401
            records,  # noqa: F401
            scan,  # noqa: F401
            telling,  # noqa: F401
            trace_origins,  # noqa: F401
        )
