"""Django app of the primitives."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Outbox and number series."""

    name = "erp.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"
