"""`./run test` and `./run lint`: every check in order, then a table of what took how long."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tools.bootstrap import services, stages, system, venv
from tools.bootstrap.django import prepare_files
from tools.bootstrap.paths import ROOT
from tools.bootstrap.say import say
from tools.bootstrap.stages import Stage


@dataclass(frozen=True)
class Outcome:
    """How a stage ended."""

    name: str
    code: int
    seconds: float


def test(arguments: list[str]) -> int:
    """Run all stages on servers of their own; with arguments, only pytest with them."""
    venv.ensure("dev")
    system.ensure(system.TEST)
    with services.running("test") as given:
        env = _test_environment(given)
        prepare_files(env)
        tests = stages.test_stages(arguments)
        if arguments:
            return _run(tests[0], env).code
        return _run_all([*stages.static_stages(), *stages.database_stages(), *tests], env)


def lint(_arguments: list[str]) -> int:
    """Run the static stages; they need no server."""
    venv.ensure("dev")
    return _run_all(stages.static_stages(), services.environment("test"))


def _test_environment(env: Mapping[str, str]) -> dict[str, str]:
    browser = system.browser()
    defaults = {"PROOFLINE_DEBUG": "0", "PROOFLINE_PUBLIC_URL": "http://localhost:8000"}
    return {**defaults, **env, "PROOFLINE_BROWSER": browser or ""}


def _run_all(chosen: list[Stage], env: Mapping[str, str]) -> int:
    """Run every stage even after a failure: one run shows everything there is to mend."""
    outcomes = []
    for stage in chosen:
        say(f"\n=== {stage.name} ===")
        outcomes.append(_run(stage, env))
    say(_summary(outcomes))
    return int(any(outcome.code for outcome in outcomes))


def _run(stage: Stage, env: Mapping[str, str]) -> Outcome:
    begun = time.monotonic()
    done = subprocess.run(stage.command, cwd=ROOT, env={**env, **stage.env}, check=False)
    return Outcome(stage.name, done.returncode, time.monotonic() - begun)


def _summary(outcomes: list[Outcome]) -> str:
    width = max(len(outcome.name) for outcome in outcomes)
    total = Outcome("total", max(outcome.code for outcome in outcomes), _seconds(outcomes))
    lines = [
        f"{outcome.name:<{width}}  {'FAILED' if outcome.code else 'ok':<6} {outcome.seconds:7.1f} s"
        for outcome in [*outcomes, total]
    ]
    return "\n".join(["", *lines])


def _seconds(outcomes: list[Outcome]) -> float:
    return sum(outcome.seconds for outcome in outcomes)
