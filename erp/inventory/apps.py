"""Django app of stock."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Ledger, balances, holds."""

    name = "erp.inventory"
    label = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and what stock tells a trace."""
        from erp.inventory import (  # noqa: PLC0415
            evidence_checks,  # noqa: F401
            gates,  # noqa: F401
            handlers,  # noqa: F401
            operations,  # noqa: F401
            records,  # noqa: F401
            trace,  # noqa: F401
        )
