"""Background processes that outlive the command which started them, and how to find them again."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tools.bootstrap.say import Stop

POLL = 0.05


def started_at(pid: int) -> str | None:
    """Return the kernel's start time of a process, or None when it is gone or a zombie.

    Process numbers are reused; number and start time together are not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


def command_line(pid: int) -> str:
    """Return the command line of a process, or nothing when it is gone."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode("utf-8", "replace")


def signal_and_wait(pid: int, number: int, seconds: float, *, group: bool = False) -> bool:
    """Send a signal, wait for the process to end, and say whether it did."""
    born = started_at(pid)
    if born is None:
        return True
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(pid, number)
    return wait_gone(pid, born, seconds)


def wait_gone(pid: int, born: str, seconds: float) -> bool:
    """Wait until the process born at `born` is gone, and say whether it is."""
    deadline = time.monotonic() + seconds
    while started_at(pid) == born:
        _reap(pid)
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def _reap(pid: int) -> None:
    """Collect the process if it is a child, or it would stay as a zombie and look alive."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


class Background:
    """A process with a pid file and a log, in its own session."""

    def __init__(self, name: str, run_directory: Path, log_directory: Path) -> None:
        self.name = name
        self.pid_file = run_directory / f"{name}.pid"
        self.log = log_directory / f"{name}.log"

    def pid(self) -> int | None:
        """Return the process number if it is alive and the very process that was started."""
        try:
            number, born = self.pid_file.read_text(encoding="utf-8").split()
        except (OSError, ValueError):
            return None
        return int(number) if started_at(int(number)) == born else None

    def start(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
        """Start it detached, so that Ctrl-C in the terminal reaches only whoever started it."""
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid_file.write_text(
            f"{process.pid} {started_at(process.pid) or 0}\n", encoding="utf-8"
        )
        return process.pid

    def stop(self, seconds: float = 15) -> bool:
        """Ask it to end, insist after `seconds`; say whether there was anything to stop."""
        pid = self.pid()
        if pid is not None and not signal_and_wait(pid, signal.SIGTERM, seconds):
            signal_and_wait(pid, signal.SIGKILL, seconds, group=True)
        self.pid_file.unlink(missing_ok=True)
        return pid is not None

    def last_words(self, lines: int = 15) -> str:
        """Return the end of the log, for the sentence that says it failed."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])


@contextlib.contextmanager
def exclusive(path: Path, refusal: str | None = None) -> Iterator[None]:
    """Hold a lock file; wait for it, or stop with `refusal` when another has it.

    The lock belongs to the open file, so the kernel frees it however the holder dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (fcntl.LOCK_NB if refusal else 0))
        except BlockingIOError:
            raise Stop(refusal or "") from None
        yield


@contextlib.contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold a lock file together with others; wait while somebody has it alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Try to hold a lock file alone, and say whether that worked; never wait."""
    with path.open("a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
