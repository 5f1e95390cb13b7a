"""Django app of traceability."""

from django.apps import AppConfig

from erp.core.registering import register


class TraceabilityConfig(AppConfig):
    """Lots, units, events, genealogy."""

    name = "traceability"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records, readings of scans and trace origins."""
        register(self.name)
