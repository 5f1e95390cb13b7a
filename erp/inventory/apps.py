"""Django app of stock."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Ledger, balances, holds."""

    name = "erp.inventory"
    label = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and what stock tells a trace."""
        from erp.inventory import gates, handlers, operations, records, trace  # noqa: F401, PLC0415
