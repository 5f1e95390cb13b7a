"""Django app of the pages and of the generated doors."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, template tags, static files, adapters."""

    name = "erp.ui"
    label = "ui"

    def ready(self) -> None:
        """Register evidence packs: their operations, records and delivery."""
        from erp.ui.evidence import delivery, operations, records, scan  # noqa: F401, PLC0415
