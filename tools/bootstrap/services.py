"""The servers an installation stands on: embedded ones, or those the environment names."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap.paths import BIN, data_directory
from tools.bootstrap.postgres import APPLICATION, OWNER, SAFE, THROWAWAY, Cluster
from tools.bootstrap.processes import alone, exclusive, shared
from tools.bootstrap.redis_server import RedisServer
from tools.bootstrap.say import say
from tools.bootstrap.secret import secret

KINDS = ("demo", "test", "bench")
SETTINGS = "erp.config.settings"
# Durable like the demonstration, for an honest measure, with the memory a server would be given.
BENCH = {**SAFE, "shared_buffers": "1GB", "max_wal_size": "8GB"}
SETTINGS_OF = {"demo": SAFE, "test": THROWAWAY, "bench": BENCH}


@dataclass(frozen=True)
class Services:
    """PostgreSQL and Redis of one kind: the demonstration's, the tests' or the benchmarks'."""

    home: Path
    postgres: Cluster
    redis: RedisServer

    def start(self) -> bool:
        """Start what does not run yet; say whether anything was started."""
        with exclusive(self.home / "run" / "services.lock"):
            started = [self.postgres.start(), self.redis.start()]
        return any(started)

    def stop(self) -> bool:
        """Stop what runs; say whether anything ran."""
        with exclusive(self.home / "run" / "services.lock"):
            stopped = [self.redis.stop(), self.postgres.stop()]
            self.temporary().unlink(missing_ok=True)
        return any(stopped)

    def temporary(self) -> Path:
        """Return the mark of servers that were started for one command, not to stay."""
        return self.home / "run" / "temporary-servers"

    def environment(self) -> dict[str, str]:
        """Return the variables Django's settings read."""
        return {
            "DATABASE_URL": self.postgres.url(APPLICATION),
            "DATABASE_OWNER_URL": self.postgres.url(OWNER),
            "REDIS_URL": self.redis.url(),
            "PROOFLINE_DATA": str(self.home),
            "PROOFLINE_EMBEDDED": str(data_directory()),
            "PROOFLINE_SECRET_KEY": secret(self.home / "secrets", "django-secret-key"),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
        }


def embedded(kind: str) -> Services:
    """Return the embedded servers of a kind; each kind has a directory of its own."""
    home = data_directory() if kind == "demo" else data_directory() / kind
    home.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(
        data=home / "postgres",
        sockets=home / "run" / "postgres",
        secrets=home / "secrets",
        log=home / "log" / "postgres" / "postgres.log",
        settings=dict(SETTINGS_OF[kind]),
    )
    redis = RedisServer(
        home / "redis", home / "run" / "redis", home / "log", durable=kind == "demo"
    )
    return Services(home, cluster, redis)


def given() -> bool:
    """Say whether the environment names servers of its own, so that none are embedded."""
    named = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    return bool(named) and "PROOFLINE_EMBEDDED" not in os.environ


@contextlib.contextmanager
def running(kind: str) -> Iterator[dict[str, str]]:
    """Give the environment of running servers, and stop at the end those started only for use.

    Several commands may use them at once: the last one out stops them. The lock is the kernel's,
    so a killed command counts as gone.
    """
    if given():
        yield environment(kind)
        return
    services = embedded(kind)
    users, temporary = services.home / "run" / "users.lock", services.temporary()
    try:
        with shared(users):
            if services.start():
                temporary.touch()
            yield environment(kind)
    finally:
        if temporary.exists():
            with alone(users) as last:
                if last:
                    services.stop()


def environment(kind: str) -> dict[str, str]:
    """Return the whole environment for a command: the caller's, the servers', the programs'."""
    own = {} if given() else embedded(kind).environment()
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])
    defaults = _defaults_for_given_servers() if given() else {}
    return {
        "PYTHONUNBUFFERED": "1",
        **defaults,
        **os.environ,
        **own,
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "PATH": path,
        "VIRTUAL_ENV": str(BIN.parent),
    }


def _defaults_for_given_servers() -> dict[str, str]:
    data = data_directory()
    return {
        "DATABASE_OWNER_URL": os.environ["DATABASE_URL"],
        "PROOFLINE_DATA": str(data),
        "PROOFLINE_SECRET_KEY": secret(data / "secrets", "django-secret-key"),
    }


def command(action: str, kind: str) -> int:
    """Carry out `./run services ACTION KIND`."""
    services = embedded(kind)
    if action == "start":
        say("started" if services.start() else "already running")
        services.temporary().unlink(missing_ok=True)
    elif action == "stop":
        say("stopped" if services.stop() else "not running")
    elif action == "env":
        for name, value in services.environment().items():
            say(f"export {name}={shlex.quote(value)}")
        say(f'export PATH={shlex.quote(str(BIN))}:"$PATH"')
    else:
        say(f"postgres {'running' if services.postgres.running() else 'stopped'}")
        say(f"redis    {'running' if services.redis.running() else 'stopped'}")
    return 0
