"""Writes the documents that follow from the code: operations manual, gates, state diagrams,
dependencies.

``--check`` writes nothing and exits with 1 when a document is not what the code says.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from erp.ui.manual import operations_manual, state_diagrams


class Command(BaseCommand):
    """Writes docs/operations.md and docs/states.md."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--check``."""
        parser.add_argument("--check", action="store_true", help="only compare")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare the documents."""
        with translation.override("en"):
            made = {"operations.md": operations_manual(), "states.md": state_diagrams()}
        folder: Path = settings.BASE_DIR / "docs"
        stale = [name for name, text in made.items() if _read(folder / name) != text]
        if options["check"]:
            if stale:
                raise CommandError(f"out of date: {', '.join(stale)}; run ./run docs", returncode=1)
            return
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/{name}")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
