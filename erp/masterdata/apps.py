"""Django app of master data."""

from django.apps import AppConfig

from erp.core.registering import register


class MasterdataConfig(AppConfig):
    """Items, partners, locations."""

    name = "erp.masterdata"
    label = "masterdata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register operations and records."""
        register(self.name)
