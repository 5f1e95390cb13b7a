"""Django app of production."""

from django.apps import AppConfig

from erp.core.registering import register


class ProductionConfig(AppConfig):
    """Work orders, material accounts, reports, process cycles."""

    name = "erp.production"
    label = "production"
    verbose_name = "production"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and trace origins."""
        register(self.name)
