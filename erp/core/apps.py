"""Django app of the primitives."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

PREPARED_AT_MOST = 1000
"""Statements kept prepared per connection. All pages together ask about 450, of some 45 kB each."""


class CoreConfig(AppConfig):
    """Outbox and number series."""

    name = "erp.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let every new connection keep the statements of all pages (ADR 0028)."""
        connection_created.connect(_keep_statements, dispatch_uid="keep statements")


def _keep_statements(connection: Any, **_: object) -> None:
    connection.connection.prepared_max = PREPARED_AT_MOST
