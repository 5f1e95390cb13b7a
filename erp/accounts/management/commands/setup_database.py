"""``manage.py setup_database``: migrate, set privileges, load the roles. Runs as the owner."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection


class Command(BaseCommand):
    """Brings the database to this version; safe to run again."""

    help = "Migrate, set the privileges of the application's role, load the delivered roles."

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse the application's login, then migrate and load."""
        login = _login()
        if login == settings.APP_DATABASE_ROLE and settings.OWNER_DATABASE["USER"] != login:
            raise CommandError(f"Connected as {login}, which owns nothing. Set DATABASE_OWNER_URL.")
        # Privileges follow each migration (audit.apps), so that none is ever forgotten.
        call_command(
            "migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout
        )
        call_command("load_roles", stdout=self.stdout)


def _login() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        row = cursor.fetchone()
    return str(row[0])
