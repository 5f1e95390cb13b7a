"""The stages of `./run test`, in order."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field

from tools.bootstrap.paths import BIN, PYTHON, ROOT

# What a production server would be told; `check --deploy` judges the settings under these.
PRODUCTION = {
    "PROOFLINE_DEBUG": "0",
    "PROOFLINE_PUBLIC_URL": "https://erp.example.org",
    "PROOFLINE_ALLOWED_HOSTS": "erp.example.org",
}

# A full run starts from an empty database; a chosen test reuses the one it finds. Tests that commit
# leave their rows behind, as evidence does, so they come last and in a database of their own.
APART = ["-n", "2", "--dist", "loadscope", "--create-db", "-m", "not commits"]
COMMITTING = ["--create-db", "-m", "commits"]
COMMITTED = {"PROOFLINE_TEST_DB": "test_committed"}


@dataclass(frozen=True)
class Stage:
    """One check: its name in the summary, its command, what it adds to the environment."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)


def static_stages() -> list[Stage]:
    """Return the checks that read the code and need no database."""
    return [
        Stage("ruff check", [_program("ruff"), "check", "."]),
        Stage("ruff format", [_program("ruff"), "format", "--check", "."]),
        Stage("mypy", [_program("mypy")]),
        Stage("import order", [_program("lint-imports"), "--no-logo"]),
        *_template_stage(),
        Stage("django-upgrade", [_program("django-upgrade"), "--check", *_django_files()]),
        Stage("tree", _module("tools.checks.tree")),
        Stage("pure modules", _module("tools.checks.pure")),
    ]


def database_stages() -> list[Stage]:
    """Return the checks that start Django."""
    return [
        Stage("migrations", _manage("makemigrations", "--check", "--dry-run")),
        Stage("deployment", _manage("check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
        Stage("documentation", _module("tools.checks.docs")),
    ]


def test_stages(arguments: list[str]) -> list[Stage]:
    """Return the tests: all, on two cores where they can be, or what the arguments choose."""
    if arguments:
        return [Stage("pytest", _module("pytest", *arguments))]
    return [
        Stage("pytest", _module("pytest", *APART)),
        Stage("pytest, committing", _module("pytest", *COMMITTING), COMMITTED),
    ]


def templates() -> list[str]:
    """Return the page templates; mail and label templates are not HTML and keep their form."""
    return [name for name in project_files("*.html") if "/templates/" in f"/{name}"]


def project_files(*patterns: str) -> list[str]:
    """Return the project's files, tracked or about to be, never ignored ones."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return sorted({name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()})


def _django_files() -> list[str]:
    return ["--target-version", "5.2", *project_files("*.py")]


def _template_stage() -> list[Stage]:
    pages = templates()
    command = [_program("djade"), "--check", "--target-version", "5.2", *pages]
    return [Stage("djade", command)] if pages else []


def _program(name: str) -> str:
    return str(BIN / name)


def _module(name: str, *arguments: str) -> list[str]:
    return [str(PYTHON), "-m", name, *arguments]


def _manage(*arguments: str) -> list[str]:
    return [str(PYTHON), "manage.py", *arguments]
