"""Django app of master data."""

from django.apps import AppConfig


class MasterdataConfig(AppConfig):
    """Items, partners, locations."""

    name = "erp.masterdata"
    label = "masterdata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register operations and records."""
        from erp.masterdata import operations, records  # noqa: F401, PLC0415
