"""Django app of sales and delivery."""

from django.apps import AppConfig

from erp.core.registering import register


class SalesConfig(AppConfig):
    """Orders, allocations, shipments, returns."""

    name = "erp.sales"
    label = "sales"
    verbose_name = "sales"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, handlers, operations, records and trace origins."""
        register(self.name)
