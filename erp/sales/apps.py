"""Django app of sales and delivery."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    """Orders, allocations, shipments, returns."""

    name = "erp.sales"
    label = "sales"
    verbose_name = "sales"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, handlers, operations, records and trace origins."""
        from erp.sales import (  # noqa: PLC0415
            exchange,  # noqa: F401
            gates,  # noqa: F401
            handlers,  # noqa: F401
            operations,  # noqa: F401
            records,  # noqa: F401
            trace,  # noqa: F401
        )
