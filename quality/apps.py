"""Django app of quality: one app, three sub-domains, lower ones first."""

from django.apps import AppConfig

from erp.core.registering import register


class QualityConfig(AppConfig):
    """Inspection, nonconformity, release."""

    name = "quality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, handlers, operations, records and trace origins of every sub-domain."""
        register(self.name)
