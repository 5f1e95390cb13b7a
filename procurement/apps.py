"""Django app of purchasing."""

from django.apps import AppConfig


class ProcurementConfig(AppConfig):
    """Supplier approvals, purchase orders, receipts."""

    name = "procurement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and trace origins."""
        from procurement import (  # noqa: PLC0415
            evidence_checks,  # noqa: F401
            gates,  # noqa: F401
            operations,  # noqa: F401
            records,  # noqa: F401
            trace,  # noqa: F401
        )
