"""Django app of evidence."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _harden(**_: Any) -> None:
    from erp.core import privileges  # noqa: PLC0415 - models must be loaded first

    privileges.apply()


class AuditConfig(AppConfig):
    """Operation log, signatures, attachments, packs; sets database privileges after each
    migration.
    """

    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Set functions and privileges whenever the owner has migrated."""
        post_migrate.connect(_harden, sender=self, dispatch_uid="audit.harden")
