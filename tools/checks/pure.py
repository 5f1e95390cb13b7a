"""States and rules are pure: they may not import Django's database layer.

They are read by quality people and tested by the thousand; neither should need a database.
import-linter knows outside packages only as a whole, and a translated label is allowed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.bootstrap.paths import ROOT
from tools.bootstrap.stages import project_files

FORBIDDEN = ("django.db", "django.contrib", "django.http", "rest_framework")


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and full name of everything a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def findings(name: str, source: str) -> list[str]:
    """Return one sentence per forbidden import."""
    return [
        f"{name}:{line}: a pure module imports {what}"
        for line, what in imported(source)
        if any(what == root or what.startswith(f"{root}.") for root in FORBIDDEN)
        or what.endswith(".models")
    ]


def is_pure(name: str) -> bool:
    """Say whether a file is a states or rules module (or lies in a package of that name)."""
    path = Path(name)
    return path.parts[0] not in {"tests", "tools"} and bool(
        {"states", "rules"} & {path.stem, *path.parts[:-1]}
    )


def main() -> int:
    """Check every states and rules module."""
    names = [name for name in project_files("*.py") if is_pure(name)]
    offences = [
        sentence
        for name in names
        for sentence in findings(name, (ROOT / name).read_text(encoding="utf-8"))
    ]
    sys.stdout.write("".join(f"{sentence}\n" for sentence in offences))
    sys.stdout.write(f"{len(names)} pure modules, {len(offences)} forbidden imports\n")
    return int(bool(offences))


if __name__ == "__main__":
    sys.exit(main())
