"""Django app of production."""

from django.apps import AppConfig


class ProductionConfig(AppConfig):
    """Work orders, material accounts, reports, process cycles."""

    name = "erp.production"
    label = "production"
    verbose_name = "production"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and trace origins."""
        from erp.production import (  # noqa: PLC0415
            exchange,  # noqa: F401
            gates,  # noqa: F401
            operations,  # noqa: F401
            records,  # noqa: F401
            trace,  # noqa: F401
        )
