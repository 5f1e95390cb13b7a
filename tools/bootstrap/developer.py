"""The small subcommands developers use beside `test`."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Mapping

from tools.bootstrap import services, system, venv
from tools.bootstrap.django import manage
from tools.bootstrap.paths import BIN, PYTHON, ROOT
from tools.bootstrap.say import say
from tools.bootstrap.stages import templates


def matrix(arguments: list[str]) -> int:
    """Print which tests prove which requirement; no server is needed for it."""
    venv.ensure("dev")
    return _module("tools.matrix", arguments, services.environment("test"))


def docs(arguments: list[str]) -> int:
    """Write the generated documentation anew."""
    venv.ensure("dev")
    with services.running("test") as env:
        return manage(env, "generate_docs", *arguments)


def shot(arguments: list[str]) -> int:
    """Take screenshots with the demonstration's servers."""
    venv.ensure("dev")
    system.ensure(system.TEST)
    with services.running("demo") as env:
        return _module("tools.screenshots", arguments, env)


def format_code(_arguments: list[str]) -> int:
    """Mend and format everything in place."""
    venv.ensure("dev")
    commands = [["ruff", "check", "--fix", "--quiet", "."], ["ruff", "format", "."]]
    pages = templates()
    if pages:
        commands.append(["djade", "--target-version", "5.2", *pages])
    codes = [
        subprocess.run([str(BIN / name), *rest], cwd=ROOT, check=False).returncode
        for name, *rest in commands
    ]
    return codes[1]


def verify_environment(_arguments: list[str]) -> int:
    """Tell what the machine has; exit 1 when something for `./run test` is missing."""
    say(f"ok       Python {platform.python_version()} ({sys.executable})")
    lines = system.report(system.TEST)
    ready = venv.is_ready("dev")
    lines.append(f"{'ok     ' if ready else 'MISSING'}  the pinned packages in .venv")
    for line in lines:
        say(line)
    return int(any(line.startswith("MISSING") for line in lines))


def _module(name: str, arguments: list[str], env: Mapping[str, str]) -> int:
    return subprocess.run(
        [str(PYTHON), "-m", name, *arguments], cwd=ROOT, env=dict(env), check=False
    ).returncode
