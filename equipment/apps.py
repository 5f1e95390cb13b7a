"""Django app of equipment."""

from django.apps import AppConfig


class EquipmentConfig(AppConfig):
    """Instruments, calibrations, uses."""

    name = "equipment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register gates, operations, records and trace origins."""
        from equipment import gates, operations, records, trace  # noqa: F401, PLC0415
