"""``manage.py demo_check``: drive the main job against the running server, without a person."""

from __future__ import annotations

import datetime as dt
import os
import time
import urllib.error
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from erp.core import clock
from erp.insight.demo.evidence_check import Evidence
from erp.insight.demo.http_door import HttpDoor, SignInFailed
from erp.insight.demo.journey import Broken, Journey, Refused
from erp.insight.demo.public_check import public_steps

Step = Callable[[], str]


class Command(BaseCommand):
    """Prints each step with its time, and at the end the evidence pack it made; 1 on a refusal."""

    help = "Drive the main job through the API of the running server and print each step."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--url", default="", help="address of the server (PROOFLINE_PUBLIC_URL)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Take every step; stop with 1 at the first refusal."""
        url = options["url"] or os.environ.get("PROOFLINE_PUBLIC_URL", "")
        if not url:
            raise CommandError("Say where the server is: --url http://localhost:8000")
        door = HttpDoor(url)
        journey = Journey(door, mark=_mark(), today=clock.today())
        evidence = Evidence(door, journey, folder=Path(settings.DATA_DIR) / "check")
        steps = [*journey.steps(), ("evidence pack", evidence.make), *public_steps(door, _mark())]
        began = time.monotonic()
        for title, step in steps:
            self._take(title, step)
        self.stdout.write(f"{len(steps)} steps in {time.monotonic() - began:.1f} s.")
        self.stdout.write(f"Evidence pack: {evidence.path}")

    def _take(self, title: str, step: Step) -> None:
        began = time.monotonic()
        try:
            told = step()
        except Refused as refusal:
            raise CommandError(f"{title}: {refusal}", returncode=1) from refusal
        except (Broken, SignInFailed) as error:
            raise CommandError(f"{title}: {type(error).__name__}: {error}", returncode=1) from error
        except urllib.error.URLError as error:
            raise CommandError(f"{title}: the server does not answer ({error.reason})") from error
        self.stdout.write(f"{time.monotonic() - began:6.2f} s  {title:<20} {told}")


def _mark() -> str:
    """Return what makes the numbers of this run unlike any other's: the time, to the second."""
    return f"{dt.datetime.now(dt.UTC):%y%m%d%H%M%S}"
