"""Django app of purchasing."""

from django.apps import AppConfig

from erp.core.registering import register


class ProcurementConfig(AppConfig):
    """Supplier approvals, purchase orders, receipts."""

    name = "procurement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and trace origins."""
        register(self.name)
