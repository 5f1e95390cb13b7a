"""The database: the application's role for everything, the owner's only where ``migrate`` runs."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from erp.config.settings.env import text

OWNER_COMMANDS = {"migrate", "setup_database", "makemigrations", "sqlmigrate", "pgtrigger"}


def parse(url: str) -> dict[str, Any]:
    """Return Django's form of a ``postgresql://`` address; a socket directory may stand in
    ``?host=``.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or query.get("port", "")),
    }


APP_URL = text("DATABASE_URL", "postgresql://proofline_app@localhost/proofline")
OWNER_URL = text("DATABASE_OWNER_URL", APP_URL)
AS_OWNER = len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS

APP_DATABASE = parse(APP_URL)
OWNER_DATABASE = parse(OWNER_URL)
APP_DATABASE_ROLE: str = APP_DATABASE["USER"]

# Compiling a query pays for reports that run for seconds; a page that joins a dozen names for a few
# rows would wait longer for the compiler than for its answer.
PLANNING = "-c jit=off"

# Pages ask the same joins again and again, and planning them takes longer than running them: a
# statement asked more than three times on one connection is prepared, and later planned no more.
PREPARED = {"server_side_binding": True, "prepare_threshold": 3}

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **(OWNER_DATABASE if AS_OWNER else APP_DATABASE),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "proofline", "options": PLANNING, **PREPARED},
    }
}
