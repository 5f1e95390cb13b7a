"""``manage.py demo_logins``: say who can sign in to the demonstration plant."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Prints what the demonstration loader wrote down."""

    help = "Print the log-ins of the demonstration plant."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per person: user name, password, name, role, sites."""
        path = settings.DATA_DIR / "demo-logins.json"
        if not path.exists():
            self.stdout.write("No demonstration plant was loaded here.")
            return
        people = json.loads(path.read_text(encoding="utf-8"))
        rows = [
            [str(p.get(k, "")) for k in ("username", "password", "name", "role", "site")]
            for p in people
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(5)] if rows else []
        for row in rows:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write(line.rstrip())
