"""`./run demo`: the whole system with its demonstration plant, until Ctrl-C."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import FrameType

from tools.bootstrap import services, system, venv
from tools.bootstrap.django import manage, must, prepare_files
from tools.bootstrap.paths import BIN, PYTHON, ROOT, data_directory
from tools.bootstrap.processes import Background, exclusive
from tools.bootstrap.say import Stop, say, step

PATIENCE = 120.0
FIRST_PORT, PORTS_TRIED = 8000, 50
LEAST_FREE_BYTES = 1_500_000_000
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    port: int | None = None
    host: str = "127.0.0.1"
    scale: int | None = None
    check: bool = False
    reset: bool = False


class Interrupted(Exception):
    """Somebody asked the demonstration to stop."""


def demo(options: Options) -> int:
    """Set up what is missing, run the demonstration, stop all of it at the end."""
    venv.ensure("base")
    system.ensure(system.RUN)
    data = data_directory()
    _refuse_full_disk(data)
    refusal = f"A demonstration is already running from {data}; stop it first (Ctrl-C there)."
    with exclusive(data / "run" / "demo.lock", refusal), _signals():
        try:
            return _run(options, data)
        except Interrupted:
            say("\nStopped; the data is kept for the next start.")
            return 0


def _run(options: Options, data: Path) -> int:
    processes = _processes(data)
    for left_behind in processes.values():
        if left_behind.stop():
            step(f"Stopped a {left_behind.name} process left behind by a killed run")
    if options.reset:
        _reset(data)
    port = _choose_port(options)
    with services.running("demo") as env:
        settings = _settings(env, options, port)
        _prepare(settings, options)
        try:
            _start(processes, settings, options, port)
            _wait_until_healthy(processes, options, port)
            return _serve(processes, settings, options)
        finally:
            _stop(processes)


def _settings(env: Mapping[str, str], options: Options, port: int) -> dict[str, str]:
    names = dict.fromkeys(("localhost", "127.0.0.1", "[::1]", options.host, socket.gethostname()))
    return {
        "PROOFLINE_DEBUG": "0",
        "PROOFLINE_PUBLIC_URL": f"http://localhost:{port}",
        "PROOFLINE_ALLOWED_HOSTS": ",".join(names),
        # 952 is set aside by GS1 for demonstrations and examples.
        "PROOFLINE_GS1_COMPANY_PREFIX": "9521234",
        **env,
    }


def _prepare(env: Mapping[str, str], options: Options) -> None:
    must(env, "Bringing the database up to date", "setup_database")
    prepare_files(env)
    scale = [] if options.scale is None else ["--scale", str(options.scale)]
    must(
        env, "Loading the demonstration plant (only when it is not there yet)", "load_demo", *scale
    )


def _processes(data: Path) -> dict[str, Background]:
    return {
        name: Background(name, data / "run", data / "log") for name in ("web", "worker", "beat")
    }


def _commands(data: Path, options: Options, port: int) -> dict[str, list[str]]:
    celery = [str(PYTHON), "-m", "celery", "-A", "erp.config"]
    return {
        "web": [
            str(BIN / "gunicorn"), "erp.config.wsgi:application",
            "--bind", f"{options.host}:{port}", "--workers", "2", "--worker-class", "gthread",
            "--threads", "4", "--timeout", "120",
            "--graceful-timeout", "10", "--no-control-socket", "--access-logfile", "-",
        ],
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"],
        "beat": [
            *celery, "beat", "--loglevel", "INFO", "--pidfile", "",
            "--schedule", str(data / "run" / "celerybeat-schedule"),
        ],
    }  # fmt: skip


def _start(
    processes: Mapping[str, Background], env: Mapping[str, str], options: Options, port: int
) -> None:
    step("Starting web, worker and beat")
    for name, command in _commands(data_directory(), options, port).items():
        processes[name].start(command, env, ROOT)


def _wait_until_healthy(processes: Mapping[str, Background], options: Options, port: int) -> None:
    host = "127.0.0.1" if options.host in {"0.0.0.0", "::"} else options.host  # noqa: S104
    deadline = time.monotonic() + PATIENCE
    while not _healthy(f"http://{host}:{port}/health/"):
        _refuse_dead(processes)
        if time.monotonic() > deadline:
            raise Stop(f"The web server does not answer.\n{processes['web'].last_words()}")
        time.sleep(0.2)
    _refuse_dead(processes)


def _healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own server
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False


def _refuse_dead(processes: Mapping[str, Background]) -> None:
    for process in processes.values():
        if process.pid() is None:
            raise Stop(
                f"The {process.name} process ended (log: {process.log}).\n{process.last_words()}"
            )


def _serve(processes: Mapping[str, Background], env: Mapping[str, str], options: Options) -> int:
    if options.check:
        return manage(env, "demo_check")
    say(f"\nProofline is running at {env['PROOFLINE_PUBLIC_URL']}/\n")
    manage(env, "demo_logins")
    say(f"\nLogs are in {data_directory() / 'log'}. Ctrl-C stops everything; the data is kept.")
    while True:
        time.sleep(1)
        _refuse_dead(processes)


def _stop(processes: Mapping[str, Background]) -> None:
    """Stop in the order of dependence: no new tasks, no new requests, then the work at hand."""
    for name in ("beat", "web", "worker"):
        processes[name].stop()


def _choose_port(options: Options) -> int:
    """Return the port asked for, or the first free one; never take somebody else's in silence."""
    if options.port is not None:
        if not _is_free(options.host, options.port):
            raise Stop(
                f"Port {options.port} is taken by another program; choose another with --port."
            )
        return options.port
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if _is_free(options.host, port):
            if port != FIRST_PORT:
                step(f"Port {FIRST_PORT} is taken; using {port} instead")
            return port
    raise Stop(f"No port from {FIRST_PORT} to {port} is free; choose one with --port.")


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise Stop(
                f"Port {port} is for root only; choose one above 1023 with --port."
            ) from None
        except OSError:
            return False
    return True


def _refuse_full_disk(data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(data).free
    if free < LEAST_FREE_BYTES:
        raise Stop(
            f"Only {free // 1_000_000} MB of disk are free under {data}; "
            f"Proofline needs {LEAST_FREE_BYTES // 1_000_000} MB. Free some, or name another "
            "place with PROOFLINE_DATA."
        )


def _reset(data: Path) -> None:
    """Throw the demonstration's data away, and nothing else."""
    if services.given():
        raise Stop("--reset empties the embedded servers only; DATABASE_URL names another one.")
    if not (data / "postgres").exists():
        return
    step(f"Removing the demonstration's data in {data}")
    services.embedded("demo").stop()
    for name in ("postgres", "redis", "secrets", "files", "attachments", "packs", "static"):
        shutil.rmtree(data / name, ignore_errors=True)
    for name in ("demo-logins.json", "run/prepared-files.stamp", "run/celerybeat-schedule"):
        (data / name).unlink(missing_ok=True)


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Turn the signals that mean `stop` into an exception, so that everything unwinds once."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in SIGNALS:  # a second Ctrl-C must not leave half of it running
            signal.signal(number, signal.SIG_IGN)
        raise Interrupted

    previous = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
