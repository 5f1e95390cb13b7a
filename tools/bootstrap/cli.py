"""The subcommands of `./run`: what each is for, and who carries it out."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from tools.bootstrap import bench, demo, developer, services, testing, venv
from tools.bootstrap.django import manage
from tools.bootstrap.paths import ROOT
from tools.bootstrap.say import Stop, say, step

Command = Callable[[list[str]], int]


def main(arguments: list[str]) -> int:
    """Carry out one subcommand; a sentence and a non-zero code where it cannot be."""
    os.chdir(ROOT)
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        say(overview())
        return 0
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        step(f"There is no `./run {name}`.\n\n{overview()}")
        return 2
    try:
        return COMMANDS[name][1](rest)
    except Stop as stop:
        step(f"\n{stop}")
        return stop.code
    except KeyboardInterrupt:
        return 130


def overview() -> str:
    """Return the list of subcommands, one line each."""
    lines = [f"  ./run {name:<11}{purpose}" for name, (purpose, _) in COMMANDS.items()]
    return "\n".join(["Proofline. Subcommands (--help after one tells its options):", "", *lines])


def _demo(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run demo", description=COMMANDS["demo"][0])
    parser.add_argument("--port", type=int, help="listen on this port (default: 8000 or the next)")
    parser.add_argument("--host", default="127.0.0.1", help="listen on this address")
    parser.add_argument("--scale", type=int, help="size of the demonstration plant")
    parser.add_argument("--check", action="store_true", help="start, check itself, stop")
    parser.add_argument("--reset", action="store_true", help="throw the demonstration's data away")
    given = parser.parse_args(arguments)
    return demo.demo(demo.Options(given.port, given.host, given.scale, given.check, given.reset))


def _manage(arguments: list[str]) -> int:
    venv.ensure("base")
    with services.running("demo") as env:
        return manage(env, *arguments)


def _services(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run services", description=COMMANDS["services"][0])
    parser.add_argument("action", choices=("start", "stop", "status", "env"))
    parser.add_argument("kind", nargs="?", default="demo", choices=services.KINDS)
    given = parser.parse_args(arguments)
    venv.ensure("base")
    return services.command(given.action, given.kind)


COMMANDS: dict[str, tuple[str, Command]] = {
    "demo": ("set up and run the system with its demonstration plant", _demo),
    "test": ("all checks and tests; with arguments, only pytest with them", testing.test),
    "bench": ("measure one thing beside its reference: NAME [--scale N] --json", bench.bench),
    "matrix": ("requirement -> tests, and the requirements without one", developer.matrix),
    "manage": ("a Django management command with the demonstration's servers", _manage),
    "services": ("embedded PostgreSQL and Redis: start, stop, status, env", _services),
    "lint": ("the static checks alone", testing.lint),
    "format": ("format Python and templates, mend what can be mended", developer.format_code),
    "docs": ("write the generated documentation anew", developer.docs),
    "shot": ("screenshots of the running system", developer.shot),
    "verify-env": ("what this machine has and lacks", developer.verify_environment),
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
