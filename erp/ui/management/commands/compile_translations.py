"""Compiles the translations (.po to .mo) with Babel, so that no system gettext is needed to run."""

from __future__ import annotations

from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Compiles every catalogue below the locale folders."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Write a .mo beside each .po; fuzzy entries are left out."""
        for folder in settings.LOCALE_PATHS:
            for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
                with source.open("rb") as file:
                    catalogue = read_po(file)
                with source.with_suffix(".mo").open("wb") as file:
                    write_mo(file, catalogue)
                self.stdout.write(f"{source.parent.parent.name}: {len(catalogue)} entries")
