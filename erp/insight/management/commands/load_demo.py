"""``manage.py load_demo``: fill an empty installation with the demonstration plant."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from erp.core.errors import DomainError
from erp.insight.demo import loader
from erp.insight.demo.places import COMPANY


class Command(BaseCommand):
    """Loads the plant through the operations; run again, it says that it is there."""

    help = "Load the demonstration plant into an empty installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--scale", type=int, default=1, metavar="N", help="N times as many batches (default 1)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what was done."""
        if options["scale"] < 1:
            raise CommandError("--scale takes a whole number from 1 on.")
        try:
            with translation.override("en"):
                done = loader.load(options["scale"])
        except loader.NotEmpty as error:
            raise CommandError(
                "This installation holds other data, or a load that was broken off. "
                "Load the demonstration into a new one (./run demo --reset)."
            ) from error
        except DomainError as refusal:
            raise CommandError(f"The story was refused: {refusal}") from refusal
        if done.already:
            self.stdout.write(f"{COMPANY['name']} is already loaded.")
            return
        for line in done.public:
            self.stdout.write(line)
        self.stdout.write(f"Loaded by {done.operations} operations in {done.seconds:.0f} s.")
