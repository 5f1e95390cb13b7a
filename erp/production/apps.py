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
        from erp.production import gates, operations, records, telling, trace  # noqa: F401, PLC0415
