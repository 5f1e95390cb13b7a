"""The system account that PostgreSQL runs under.

PostgreSQL refuses to run as root, rightly. An ordinary user runs it as himself; root hands it to
a system account made for it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap.say import Stop

NAME = "proofline-db"


@dataclass(frozen=True)
class Account:
    """Who runs the database server; `uid` is None for the person who gave the command."""

    uid: int | None = None
    gid: int | None = None

    def own(self, directory: Path) -> None:
        """Make a directory private to the account."""
        directory.mkdir(parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(directory, self.uid, self.gid)
        directory.chmod(0o700)

    def command(self, command: list[str], places: tuple[Path, ...]) -> list[str]:
        """Wrap a command so that it runs under the account and can reach `places`."""
        if self.uid is None:
            return command
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise Stop(
                "`setpriv` is missing: apt-get install util-linux, or run as an ordinary user."
            )
        groups = {gid for place in places for gid in _let_in(place)}
        kept = f"--groups={','.join(map(str, sorted(groups)))}" if groups else "--clear-groups"
        return [setpriv, f"--reuid={self.uid}", f"--regid={self.gid}", kept, "--", *command]


def _let_in(path: Path) -> Iterator[int]:
    """Open the directories above `path` to their own groups; yield the groups so needed.

    Root's home is closed to everybody, and so is what root makes under a strict umask. The server
    joins the group of such a directory and may pass through it, no more; nobody else is let in.
    """
    for parent in path.parents:
        facts = parent.stat()
        if not facts.st_mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(facts.st_mode) | stat.S_IXGRP)
            yield facts.st_gid


def open_to_group(directories: tuple[Path, ...]) -> None:
    """Let the group read the server's programs where a strict umask kept them for root alone."""
    for directory in directories:
        for path in (directory, *directory.rglob("*")):
            facts = path.stat()
            wanted = stat.S_IRGRP | (stat.S_IXGRP if facts.st_mode & stat.S_IXUSR else 0)
            path.chmod(stat.S_IMODE(facts.st_mode) | wanted)


def database_account() -> Account:
    """Return the account for PostgreSQL, made on first use when root runs the command."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        _make()
        entry = pwd.getpwnam(NAME)
    return Account(entry.pw_uid, entry.pw_gid)


def _make() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if useradd is None:
        raise Stop(f"`useradd` is missing: make a system user {NAME}, or run as an ordinary user.")
    shell = "/usr/sbin/nologin"
    subprocess.run(
        [useradd, "--system", "--user-group", "--no-create-home", "--shell", shell, NAME],
        check=True,
    )
