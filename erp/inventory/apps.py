"""Django app of stock."""

from django.apps import AppConfig

from erp.core.registering import register


class InventoryConfig(AppConfig):
    """Ledger, balances, holds."""

    name = "erp.inventory"
    label = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and what stock tells a trace."""
        register(self.name)
