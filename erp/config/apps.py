"""Django app of the project itself: everything is loaded, now the doors can be generated."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Loads what wakes the outbox."""

    name = "erp.config"
    label = "config"

    def ready(self) -> None:
        """Connect the outbox to Celery."""
        from erp.config import tasks  # noqa: F401, PLC0415
        from erp.ui.evidence.operations import declare_for_kinds  # noqa: PLC0415

        # Every kind of record with evidence is known only now.
        declare_for_kinds()
