"""Which version of the application made a document."""

from __future__ import annotations

import tomllib
from functools import cache

from django.conf import settings


@cache
def application_version() -> str:
    """Return name and version as the project file says them."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return f"Proofline {tomllib.load(file)['project']['version']}"
