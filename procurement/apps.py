"""Django app of purchasing."""

from django.apps import AppConfig


class ProcurementConfig(AppConfig):
    """Supplier approvals, purchase orders, receipts."""

    name = "procurement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and trace origins."""
        from procurement import exchange, gates, operations, records, trace  # noqa: F401, PLC0415
