"""A database of a benchmark's own, beside the one in use, migrated like any other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


def renamed(url: str, name: str) -> str:
    """Return the address of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def bench_database(name: str) -> Iterator[str]:
    """Make an empty, migrated database, set Django up on it, give the owner's address, drop it.

    With ``PROOFLINE_BENCH_KEEP`` set it is kept, and taken as it is the next time.
    """
    owner = os.environ["DATABASE_OWNER_URL"]
    kept = bool(os.environ.get("PROOFLINE_BENCH_KEEP"))
    os.environ["DATABASE_URL"] = renamed(os.environ["DATABASE_URL"], name)
    os.environ["DATABASE_OWNER_URL"] = renamed(owner, name)
    fresh = _create(owner, name, kept=kept)
    if fresh:
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True)
    _set_up_django()
    try:
        yield os.environ["DATABASE_OWNER_URL"]
    finally:
        _close_django()
        if not kept:
            _drop(owner, name)


def _create(owner: str, name: str, *, kept: bool) -> bool:
    with psycopg.connect(owner, autocommit=True) as db:
        there = db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if there and kept:
            return False
    _drop(owner, name)
    with psycopg.connect(owner, autocommit=True) as db:
        db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return True


def _drop(owner: str, name: str) -> None:
    with psycopg.connect(owner, autocommit=True) as db:
        db.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _set_up_django() -> None:
    import django  # noqa: PLC0415 - settings read the address set above

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.config.settings")
    django.setup()
    _plain_addresses()


def _plain_addresses() -> None:
    """Let templates name static files that nobody collected; benchmarks serve none."""
    from django.conf import settings  # noqa: PLC0415

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def _close_django() -> None:
    from django.db import connections  # noqa: PLC0415

    connections.close_all()
