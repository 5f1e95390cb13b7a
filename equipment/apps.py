"""Django app of equipment."""

from django.apps import AppConfig

from erp.core.registering import register


class EquipmentConfig(AppConfig):
    """Instruments, calibrations, uses."""

    name = "equipment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and trace origins."""
        register(self.name)
