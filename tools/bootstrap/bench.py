"""`./run bench NAME`: a measure on a database of its own, made as a server's would be."""

from __future__ import annotations

import subprocess

from tools.bootstrap import services, system, venv
from tools.bootstrap.django import must
from tools.bootstrap.paths import PYTHON, ROOT


def bench(arguments: list[str]) -> int:
    """Run one benchmark; only its own output goes to standard output."""
    venv.ensure("dev")
    system.ensure(system.RUN)
    with services.running("bench") as env:
        must(env, "Bringing the benchmark database up to date", "setup_database")
        return subprocess.run(
            [str(PYTHON), "-m", "tools.bench", *arguments], cwd=ROOT, env=env, check=False
        ).returncode
