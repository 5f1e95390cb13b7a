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
        from erp.inventory.components import operations as _mo  # noqa: F401, PLC0415
        from erp.inventory.components import records as _mr  # noqa: F401, PLC0415
        from erp.inventory.components import trace as _mt  # noqa: F401, PLC0415
        from erp.inventory.conversion import gates as _vg  # noqa: F401, PLC0415
        from erp.inventory.conversion import operations as _vo  # noqa: F401, PLC0415
        from erp.inventory.corrections import gates as _cg  # noqa: F401, PLC0415
        from erp.inventory.corrections import operations as _co  # noqa: F401, PLC0415
        from erp.inventory.corrections import ways  # noqa: F401, PLC0415
        from erp.inventory.packing import gates as _pg  # noqa: F401, PLC0415
        from erp.inventory.packing import operations as _po  # noqa: F401, PLC0415
        from erp.inventory.removal import operations as _ro  # noqa: F401, PLC0415
        from erp.inventory.removal import records as _rr  # noqa: F401, PLC0415
