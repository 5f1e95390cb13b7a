"""``manage.py load_roles``: add the delivered roles and service accounts that are missing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from erp.organisation.installing import load_roles


class Command(BaseCommand):
    """Installs the role catalogue; safe to run again."""

    help = "Add the delivered roles and service accounts that are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what was added."""
        added = load_roles()
        self.stdout.write(
            f"Roles added: {added.roles}; permissions added: {added.permissions}; "
            f"service accounts added: {added.services}."
        )
