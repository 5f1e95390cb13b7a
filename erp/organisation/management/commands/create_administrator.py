"""``manage.py create_administrator NAME "Printed name"``: the first account of an installation."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from erp.organisation.installing import AdministratorExists, first_administrator


class Command(BaseCommand):
    """Makes the first administrator; afterwards people are registered in the application."""

    help = "Make the first administrator and print a first password, which must be changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take user name and printed name."""
        parser.add_argument("username")
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account, or say that there is an administrator already."""
        password = secrets.token_urlsafe(12)
        try:
            user = first_administrator(options["username"], options["name"], password)
        except AdministratorExists as error:
            raise CommandError(
                "There is an administrator already. Sign in and register people there."
            ) from error
        self.stdout.write(f"User name {user.username}, first password {password}")
